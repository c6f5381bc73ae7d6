#include "http/server/upgraded_connection.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "http/server/server_core.h"

namespace atoll::http {

// What the owner holds: it may go before the connection, or after it and the server.
class UpgradedConnection::Channel final : public ByteChannel {
 public:
  explicit Channel(UpgradedConnection& connection) : connection_(&connection) {}
  ~Channel() override {
    if (connection_ != nullptr) std::exchange(connection_, nullptr)->let_go();
  }

  void start(Owner& owner) override {
    if (connection_ == nullptr) return;
    connection_->owner_ = &owner;
    connection_->update_interest();
  }
  void read(bool wanted) override {
    if (connection_ == nullptr) return;
    connection_->reading_ = wanted;
    connection_->update_interest();
  }
  std::string& output() override {
    return connection_ != nullptr ? connection_->output_.tail() : unwanted_;
  }
  void carry(std::string bytes) override {
    unwanted_.clear();
    if (connection_ != nullptr) connection_->output_.carry(std::move(bytes));
  }
  void flush() override {
    if (connection_ != nullptr) connection_->flush();
  }
  std::size_t unsent() const override {
    return connection_ != nullptr ? connection_->output_.size() : 0;
  }
  void expect_end_within(std::chrono::milliseconds time) override {
    if (connection_ == nullptr) return;
    connection_->end_deadline_ = connection_->core_.deadline_after(time);
  }
  void finish() override {
    if (connection_ == nullptr) return;
    UpgradedConnection& connection = *std::exchange(connection_, nullptr);
    connection.channel_ = nullptr;
    connection.owner_ = nullptr;
    connection.finishing_ = true;
    connection.reading_ = true;
    connection.flush();
  }

 private:
  friend class UpgradedConnection;
  UpgradedConnection* connection_;
  std::string unwanted_;
};

UpgradedConnection::UpgradedConnection(ServerCore& core, UniqueFd socket, std::string input,
                                       OutputBuffer output)
    : core_(core),
      socket_(std::move(socket)),
      input_(std::move(input)),
      output_(std::move(output)) {}

UpgradedConnection::~UpgradedConnection() = default;

void UpgradedConnection::start_watching() {
  watched_ = EPOLLOUT;  // the first event sends the head and gives what came with the request
  core_.poller().change(socket_.get(), watched_, *this);
}

std::unique_ptr<ByteChannel> UpgradedConnection::channel() {
  auto channel = std::make_unique<Channel>(*this);
  channel_ = channel.get();
  return channel;
}

void UpgradedConnection::update_interest() {
  if (!socket_) return;
  std::uint32_t events = 0;
  bool has_owner = owner_ != nullptr || finishing_;
  if (reading_ && has_owner && !broken_) events |= EPOLLIN | EPOLLRDHUP;
  if (!output_.empty() || (reading_ && has_owner && !input_.empty())) events |= EPOLLOUT;
  if (events == watched_) return;
  watched_ = events;
  core_.poller().change(socket_.get(), events, *this);
}

void UpgradedConnection::on_ready(std::uint32_t events) {
  if (!socket_) return;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0 || broken_) return close();
  if ((events & EPOLLOUT) != 0) {
    flush();
    if (socket_ && !broken_ && output_.empty() && std::exchange(was_blocked_, false) &&
        owner_ != nullptr) {
      owner_->on_drained();
    }
  }
  if (socket_ && reading_ && !input_.empty() && owner_ != nullptr) give_input();
  if (socket_ && (events & (EPOLLIN | EPOLLRDHUP)) != 0 && reading_) on_readable();
  if (socket_) update_interest();
}

void UpgradedConnection::give_input() {
  std::string input = std::exchange(input_, {});
  owner_->on_bytes(input);
}

void UpgradedConnection::on_readable() {
  std::span<char> buffer = core_.read_buffer();
  ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  if (size <= 0) return close();
  if (owner_ != nullptr) owner_->on_bytes({buffer.data(), static_cast<std::size_t>(size)});
}

void UpgradedConnection::flush() {
  if (!socket_ || broken_) return;
  OutputBuffer::Flush flush = output_.flush(socket_.get());
  switch (flush.outcome) {
    case OutputBuffer::Outcome::Broken:
      // The owner hears of it from the event loop: a socket that is shut down is ready at once.
      broken_ = true;
      output_.clear();
      ::shutdown(socket_.get(), SHUT_RDWR);
      return;
    case OutputBuffer::Outcome::Blocked:
      was_blocked_ = true;
      if (flush.sent > 0 || write_deadline_ == 0) {
        write_deadline_ = core_.deadline_after(core_.limits().write_timeout);
      }
      break;
    case OutputBuffer::Outcome::Drained:
      write_deadline_ = 0;
      if (finishing_ && !std::exchange(lingering_, true)) {
        ::shutdown(socket_.get(), SHUT_WR);
        end_deadline_ = core_.deadline_after(core_.limits().linger_timeout);
      }
      break;
  }
  update_interest();
}

void UpgradedConnection::on_tick() {
  bool write_due = write_deadline_ != 0 && core_.is_due(write_deadline_);
  bool end_due = end_deadline_ != 0 && core_.is_due(end_deadline_);
  if (write_due || end_due) close();
}

void UpgradedConnection::on_going_away() {
  if (owner_ != nullptr) owner_->on_going_away();
}

void UpgradedConnection::close() {
  if (!socket_) return;
  core_.poller().remove(socket_.get());
  socket_.reset();
  output_.clear();
  if (channel_ != nullptr) std::exchange(channel_, nullptr)->connection_ = nullptr;
  ByteChannel::Owner* owner = std::exchange(owner_, nullptr);
  core_.bury(*this);
  if (owner != nullptr) owner->on_end();
}

// The owner has let go of the channel.
void UpgradedConnection::let_go() {
  channel_ = nullptr;
  owner_ = nullptr;
  close();
}

}  // namespace atoll::http
