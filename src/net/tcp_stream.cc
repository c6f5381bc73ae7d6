#include "net/tcp_stream.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "base/check.h"

namespace atoll::net {

namespace asio = boost::asio;

namespace {

// Bytes arrive here first, so that a connection that waits holds no buffer.
std::array<char, Stream::kMaxReadBytes>& arrival_buffer() {
  thread_local std::array<char, Stream::kMaxReadBytes> buffer;
  return buffer;
}

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

Error connection_lost() { return Error(ErrorKind::Unavailable, "Network connection lost."); }

// Lives until the last handler that the loop holds for it is gone.
class TcpStream::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::io_context& loop, UniqueFd socket) : loop_(loop), socket_(loop) {
    int descriptor = socket.release();
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    boost::system::error_code error;
    socket_.assign(descriptor, error);
    broken_ = static_cast<bool>(error);
    if (broken_) ::close(descriptor);
  }

  void read(ReadDone done) {
    CHECK(!read_done_);
    read_done_ = std::move(done);
    if (waits_for_input_) return;
    if (more_is_likely_ || broken_) return on_loop([](Connection& self) { self.receive(); });
    wait_for_input();
  }

  void cancel_read() { read_done_ = nullptr; }

  void write(std::string bytes, Done done) {
    CHECK(!write_done_);
    output_ = std::move(bytes);
    sent_ = 0;
    write_done_ = std::move(done);
    send();
  }

  void shutdown_write(Done done) {
    CHECK(!write_done_);
    write_done_ = std::move(done);
    finish_write(::shutdown(socket_.native_handle(), SHUT_WR) == 0 ? Result<void>()
                                                                   : fail(connection_lost()));
  }

  void close() {
    closed_ = true;
    read_done_ = nullptr;
    write_done_ = nullptr;
    // Somebody else may hold a duplicate of the descriptor; the other side shall hear of it now.
    ::shutdown(socket_.native_handle(), SHUT_RDWR);
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  void on_loop(void (*work)(Connection&)) {
    asio::post(loop_, [self = shared_from_this(), work] {
      if (!self->closed_) work(*self);
    });
  }

  void wait_for_input() {
    if (waits_for_input_) return;
    waits_for_input_ = true;
    socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [self = shared_from_this()](boost::system::error_code) {
                         self->waits_for_input_ = false;
                         if (!self->closed_) self->receive();
                       });
  }

  void receive() {
    if (!read_done_) {  // given up meanwhile; what there is waits for the next read
      more_is_likely_ = true;
      return;
    }
    auto& buffer = arrival_buffer();
    ssize_t size = 0;
    do size = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
    while (size < 0 && errno == EINTR);
    if (size < 0 && would_block(errno)) {
      more_is_likely_ = false;
      return wait_for_input();
    }
    // The end and errors stay: the next read() finds them again.
    more_is_likely_ = size <= 0 || static_cast<std::size_t>(size) == buffer.size();
    ReadDone done = std::exchange(read_done_, nullptr);
    if (size < 0) broken_ = true;
    if (broken_) return done(fail(connection_lost()));
    done(std::string(buffer.data(), static_cast<std::size_t>(size)));
  }

  void send() {
    while (sent_ < output_.size()) {
      ssize_t size = ::send(socket_.native_handle(), output_.data() + sent_, output_.size() - sent_,
                            MSG_NOSIGNAL);
      if (size >= 0) {
        sent_ += static_cast<std::size_t>(size);
      } else if (would_block(errno)) {
        return wait_for_room();
      } else if (errno != EINTR) {
        return finish_write(fail(connection_lost()));
      }
    }
    finish_write({});
  }

  void wait_for_room() {
    socket_.async_wait(asio::posix::stream_descriptor::wait_write,
                       [self = shared_from_this()](boost::system::error_code) {
                         if (!self->closed_) self->send();
                       });
  }

  void finish_write(Result<void> result) {
    output_ = {};
    write_result_ = std::move(result);
    on_loop([](Connection& self) {
      std::exchange(self.write_done_, nullptr)(std::move(self.write_result_));
    });
  }

  asio::io_context& loop_;
  asio::posix::stream_descriptor socket_;
  ReadDone read_done_;
  Done write_done_;
  Result<void> write_result_;
  std::string output_;
  std::size_t sent_ = 0;
  bool waits_for_input_ = false;
  bool more_is_likely_ = false;  // a receive is worth trying before waiting
  bool broken_ = false;
  bool closed_ = false;
};

TcpStream::TcpStream(asio::io_context& loop, UniqueFd socket)
    : connection_(std::make_shared<Connection>(loop, std::move(socket))) {}
TcpStream::~TcpStream() { connection_->close(); }

void TcpStream::read(ReadDone done) { connection_->read(std::move(done)); }
void TcpStream::cancel_read() { connection_->cancel_read(); }
void TcpStream::write(std::string bytes, Done done) {
  connection_->write(std::move(bytes), std::move(done));
}
void TcpStream::shutdown_write(Done done) { connection_->shutdown_write(std::move(done)); }

const std::string& TcpStream::protocol() const {
  static const std::string none;
  return none;
}

}  // namespace atoll::net
