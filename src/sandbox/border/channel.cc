#include "sandbox/border/channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <deque>

#include "base/time.h"
#include "sandbox/border/allowance.h"

namespace atoll::border {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kReadBytes = 64u << 10;
constexpr int kReadsPerTurn = 16;       // then others on the loop get their turn
constexpr std::size_t kMaxSlices = 64;  // of one sendmsg

}  // namespace

Result<SocketPair> make_socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
    return fail(errno_error("making a socket pair", errno));
  }
  return SocketPair{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Kept alive by pending waits; `handler_` is null once the channel has let go.
class Channel::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::io_context& loop, UniqueFd socket, Handler& handler, Limits limits)
      : loop_(loop),
        socket_(loop, socket.release()),
        handler_(&handler),
        limits_(limits),
        allowance_(limits.messages_per_second, std::chrono::steady_clock::now()),
        pause_(loop),
        read_buffer_(std::make_unique<char[]>(kReadBytes)) {
    boost::system::error_code ignored;
    (void)socket_.native_non_blocking(true, ignored);
  }

  void start() { wait_readable(); }

  void let_go() {
    handler_ = nullptr;
    boost::system::error_code ignored;
    (void)socket_.close(ignored);
    pause_.cancel();
    queue_.clear();
    queued_bytes_ = 0;
    received_.clear();
  }

  Result<void> send(Frame frame, std::vector<UniqueFd> descriptors) {
    if (!handler_ || !socket_.is_open()) {
      return fail(Error(ErrorKind::Unavailable, "the other process is gone"));
    }
    if (frame.body.size() > kMaxFrameBytes || descriptors.size() > kMaxFrameDescriptors) {
      return fail(invalid_input("a message is too long for the process border"));
    }
    frame.descriptor_count = static_cast<std::uint16_t>(descriptors.size());
    Outgoing outgoing{encode_frame_header(frame), std::move(frame.body), std::move(descriptors)};
    if (queued_bytes_ + outgoing.size() > limits_.queued_bytes) {
      return fail(Error(ErrorKind::LimitReached, "too much is waiting for the other process"));
    }
    queued_bytes_ += outgoing.size();
    queue_.push_back(std::move(outgoing));
    schedule_flush();
    return {};
  }

  std::size_t queued_bytes() const { return queued_bytes_; }

  void hold_reading() { held_ = true; }
  void resume_reading() {
    if (!std::exchange(held_, false) || !handler_ || waiting_) return;
    read_on();
  }

  void flush_blocking(int within_ms) {
    auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(within_ms);
    while (handler_ && !queue_.empty()) {
      ssize_t sent = send_some();
      if (sent >= 0) continue;
      auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          until - std::chrono::steady_clock::now());
      if (errno != EAGAIN || left.count() <= 0) return;
      pollfd writable{socket_.native_handle(), POLLOUT, 0};
      ::poll(&writable, 1, static_cast<int>(left.count()));
    }
  }

 private:
  struct Outgoing {
    std::string header;
    std::string body;
    std::vector<UniqueFd> descriptors;  // leave with the first byte
    std::size_t size() const { return header.size() + body.size(); }
  };

  void wait_readable() {
    waiting_ = true;
    socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [self = shared_from_this()](boost::system::error_code error) {
                         if (self->handler_ && !error) self->on_readable();
                       });
  }

  void on_readable() {
    for (int i = 0; i < kReadsPerTurn && !held_ && owed_for().count() == 0; ++i) {
      ssize_t got = receive();
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) break;
      if (got < 0) return closed(errno_error("reading from the other process", errno));
      if (got == 0) return closed(Error(ErrorKind::Unavailable, "the other process has gone"));
      if (auto done = deliver({read_buffer_.get(), static_cast<std::size_t>(got)}); !done) {
        return closed(done.error());
      }
      if (!handler_) return;
      if (static_cast<std::size_t>(got) < kReadBytes) break;
    }
    waiting_ = false;
    if (!held_) read_on();
  }

  // At once, or when the other side has said less than it may again.
  void read_on() {
    std::chrono::nanoseconds owed = owed_for();
    if (owed.count() == 0) return wait_readable();
    waiting_ = true;
    pause_.expires_after(owed);
    pause_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (self->handler_ && !error) self->on_readable();
    });
  }

  std::chrono::nanoseconds owed_for() {
    if (limits_.messages_per_second == 0) return std::chrono::nanoseconds(0);
    allowance_.take(std::exchange(heard_, 0), std::chrono::steady_clock::now());
    return allowance_.owed_for();
  }

  ssize_t receive() {
    iovec slice{read_buffer_.get(), kReadBytes};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * 253)> control;
    msghdr header{};
    header.msg_iov = &slice;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    ssize_t got = ::recvmsg(socket_.native_handle(), &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got < 0) return got;
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(&header, part)) {
      if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
      std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (std::size_t i = 0; i < count; ++i) {
        int descriptor;
        std::memcpy(&descriptor, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
        received_.emplace_back(descriptor);
      }
    }
    return got;
  }

  // Fails when the other side broke the protocol; stops early when the handler let go.
  Result<void> deliver(std::string_view input) {
    if (!received_.empty() && limits_.incoming == Descriptors::Refuse) {
      return fail(invalid_input("the other process sent a descriptor"));
    }
    while (handler_ && !input.empty()) {
      auto frame = TRY(decoder_.next(input));
      if (!frame) break;
      Message message{std::move(*frame), {}};
      if (message.frame.descriptor_count > received_.size()) {
        return fail(invalid_input("a message announced more descriptors than came"));
      }
      for (int i = 0; i < message.frame.descriptor_count; ++i) {
        message.descriptors.push_back(std::move(received_.front()));
        received_.pop_front();
      }
      ++heard_;
      handler_->on_message(std::move(message));
    }
    if (received_.size() > kMaxFrameDescriptors) {
      return fail(invalid_input("descriptors came that no message announced"));
    }
    return {};
  }

  void schedule_flush() {
    if (flush_scheduled_) return;
    flush_scheduled_ = true;
    asio::post(loop_, [self = shared_from_this()] {
      self->flush_scheduled_ = false;
      if (self->handler_) self->flush();
    });
  }

  void flush() {
    while (!queue_.empty()) {
      if (send_some() >= 0) continue;
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return closed(errno_error("writing to the other process", errno));
      flush_scheduled_ = true;
      socket_.async_wait(asio::posix::stream_descriptor::wait_write,
                         [self = shared_from_this()](boost::system::error_code error) {
                           self->flush_scheduled_ = false;
                           if (self->handler_ && !error) self->flush();
                         });
      return;
    }
  }

  // One sendmsg; a frame with descriptors begins a call of its own, so that they arrive no earlier
  // than the frame before it.
  ssize_t send_some() {
    std::array<iovec, kMaxSlices> slices;
    std::size_t count = 0;
    std::size_t skip = sent_of_first_;
    for (std::size_t i = 0; i < queue_.size() && count + 2 <= kMaxSlices; ++i) {
      Outgoing& outgoing = queue_[i];
      if (i > 0 && !outgoing.descriptors.empty()) break;
      for (std::string* part : {&outgoing.header, &outgoing.body}) {
        if (skip >= part->size()) {
          skip -= part->size();
          continue;
        }
        slices[count++] = {part->data() + skip, part->size() - skip};
        skip = 0;
      }
    }
    msghdr header{};
    header.msg_iov = slices.data();
    header.msg_iovlen = count;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxFrameDescriptors)> control{};
    attach_descriptors(header, control.data());
    ssize_t sent = ::sendmsg(socket_.native_handle(), &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) drop_sent(static_cast<std::size_t>(sent));
    return sent;
  }

  void attach_descriptors(msghdr& header, char* control) {
    const auto& descriptors = queue_.front().descriptors;
    if (descriptors.empty()) return;
    header.msg_control = control;
    header.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors.size());
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int) * descriptors.size());
    for (std::size_t i = 0; i < descriptors.size(); ++i) {
      int descriptor = descriptors[i].get();
      std::memcpy(CMSG_DATA(part) + i * sizeof(int), &descriptor, sizeof(int));
    }
  }

  void drop_sent(std::size_t sent) {
    queue_.front().descriptors.clear();
    queued_bytes_ -= sent;
    sent_of_first_ += sent;
    while (!queue_.empty() && sent_of_first_ >= queue_.front().size()) {
      sent_of_first_ -= queue_.front().size();
      queue_.pop_front();
    }
  }

  void closed(const Error& why) {
    Handler* handler = std::exchange(handler_, nullptr);
    let_go();
    handler->on_closed(why);
  }

  asio::io_context& loop_;
  asio::posix::stream_descriptor socket_;
  Handler* handler_;
  Limits limits_;
  FrameDecoder decoder_;
  Allowance allowance_;
  std::uint64_t heard_ = 0;  // messages since the allowance was charged
  asio::steady_timer pause_;
  std::unique_ptr<char[]> read_buffer_;
  std::deque<UniqueFd> received_;
  std::deque<Outgoing> queue_;
  std::size_t sent_of_first_ = 0;
  std::size_t queued_bytes_ = 0;
  bool flush_scheduled_ = false;
  bool held_ = false;     // by the handler
  bool waiting_ = false;  // for bytes or the allowance, or reading
};

Channel::Channel(asio::io_context& loop, UniqueFd socket, Handler& handler, Limits limits)
    : connection_(std::make_shared<Connection>(loop, std::move(socket), handler, limits)) {
  connection_->start();
}

Channel::~Channel() { close(); }

Result<void> Channel::send(Frame frame, std::vector<UniqueFd> descriptors) {
  return connection_->send(std::move(frame), std::move(descriptors));
}

std::size_t Channel::queued_bytes() const { return connection_->queued_bytes(); }

void Channel::flush_blocking(int within_ms) { connection_->flush_blocking(within_ms); }

void Channel::hold_reading() { connection_->hold_reading(); }

void Channel::resume_reading() { connection_->resume_reading(); }

void Channel::close() { connection_->let_go(); }

}  // namespace atoll::border
