#include "http/server/server_core.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "base/check.h"

namespace atoll::http {
namespace {

// Few, so that processes that share the socket share the clients. Who comes seldom finds only those
// for whom nobody else had time, and they have to hear at least that there is none.
constexpr int kAcceptsPerWakeUp = 16;
constexpr int kAcceptsWhenBusy = 512;
constexpr std::chrono::milliseconds kBusy{10};
constexpr int kTakesPerWakeUp = 4;  // each has something to do already

// Some ten small answers' time.
constexpr std::chrono::microseconds kHoldAtMost{100};

std::chrono::milliseconds choose_tick(const ServerLimits& limits) {
  auto shortest = std::min({limits.idle_timeout, limits.header_timeout, limits.body_read_timeout,
                            limits.write_timeout, limits.linger_timeout});
  return std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(250));
}

ClientAddress describe(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return {text, ntohs(v4.sin_port)};
  }
  if (address.ss_family == AF_INET6) {
    auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      inet_ntop(AF_INET, v6.sin6_addr.s6_addr + 12, text, sizeof text);
    } else {
      inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    }
    return {text, ntohs(v6.sin6_port)};
  }
  return {};
}

}  // namespace

ServerCore::ServerCore(asio::io_context& io, ServerLimits limits, RequestHandler& handler)
    : io_(io),
      limits_(limits),
      handler_(handler),
      poller_(std::make_shared<Poller>(io, [this](bool over) { after_each_ready(over); })),
      read_buffer_(new char[kReadBufferBytes]),
      timer_(io),
      tick_length_(choose_tick(limits)) {}

void ServerCore::start() { poller_->start(); }

void ServerCore::stop() {
  drained_ = nullptr;
  bury_given();
  while (!connections_.empty()) connections_.back()->close();
  while (!upgraded_.empty()) upgraded_.back()->close();
  listeners_.clear();
  timer_.cancel();
  poller_->stop();
}

Result<void> ServerCore::listen(UniqueFd socket) {
  int flags = ::fcntl(socket.get(), F_GETFL);
  if (flags < 0 || ::fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK) < 0) {
    return fail(errno_error("listening for HTTP", errno));
  }
  // Accepted sockets inherit these; a Unix socket has no use for them.
  int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  auto listener = std::make_unique<Listener>(*this, std::move(socket), Listener::Kind::Socket);
  if (!poller_->add(listener->fd(), accepting_ ? EPOLLIN : 0u, *listener)) {
    return fail(errno_error("listening for HTTP", errno));
  }
  listeners_.push_back(std::move(listener));
  return {};
}

void ServerCore::accept_from(int listening_fd) {
  int most = poller_->batch_took() > kBusy ? kAcceptsWhenBusy : kAcceptsPerWakeUp;
  for (int i = 0; i < most && accepting_ && !draining_; ++i) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    UniqueFd socket(::accept4(listening_fd, reinterpret_cast<sockaddr*>(&address), &size,
                              SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket) {
      welcome(std::move(socket), describe(address));
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      // Out of descriptors or memory: a while without new clients, until the next tick.
      watch_listeners(0);
      start_ticking();
    }
    return;
  }
}

Result<void> ServerCore::share(HandoverQueue queue) {
  queue_in_ = std::move(queue.in);
  auto taker = std::make_unique<Listener>(*this, std::move(queue.out), Listener::Kind::Queue);
  if (!poller_->add(taker->fd(), accepting_ ? EPOLLIN : 0u, *taker)) {
    return fail(errno_error("sharing connections", errno));
  }
  listeners_.push_back(std::move(taker));
  return {};
}

void ServerCore::take_from(int queue_out) {
  for (int i = 0; i < kTakesPerWakeUp && accepting_ && !draining_; ++i) {
    UniqueFd socket = take_over(queue_out);
    if (!socket) return;
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    (void)::getpeername(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
    welcome(std::move(socket), describe(address));
  }
}

void ServerCore::help_out() {
  if (!queue_in_) return;
  for (Connection* connection : held_) connection->flush_for_core();
  poller_->give_away(queue_in_.get());
}

void ServerCore::bury_given() {
  std::vector<Connection*> given = std::exchange(given_, {});
  for (Connection* connection : given) bury(*connection);
}

void ServerCore::welcome(UniqueFd socket, ClientAddress client) {
  auto connection = std::make_unique<Connection>(*this, std::move(socket), std::move(client));
  start_ticking();
  if (!connection->start()) return;
  ++status_.connections_accepted;
  connection->slot = connections_.size();
  connections_.push_back(std::move(connection));
  if (open_count() >= limits_.connections) watch_listeners(0);
}

void ServerCore::watch_listeners(std::uint32_t events) {
  accepting_ = events != 0;
  for (auto& listener : listeners_) poller_->change(listener->fd(), events, *listener);
}

ServerCore::Tick ServerCore::deadline_after(std::chrono::milliseconds delay) const {
  // One more, since the current tick has partly gone by.
  Tick deadline = tick_ + static_cast<Tick>(delay / tick_length_) + 1;
  return deadline == 0 ? 1 : deadline;
}

void ServerCore::start_ticking() {
  if (ticking_) return;
  ticking_ = true;
  refresh_date();
  wait_for_tick();
}

void ServerCore::wait_for_tick() {
  timer_.expires_after(tick_length_);
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    auto self = weak.lock();
    if (self && !error && self->ticking_) self->on_tick();
  });
}

void ServerCore::on_tick() {
  ++tick_;
  if (!given_.empty()) bury_given();
  refresh_date();
  if (!accepting_ && !draining_ && open_count() < limits_.connections) {
    watch_listeners(EPOLLIN);
  }
  // Backwards, because a connection that closes is replaced by the last one.
  for (std::size_t i = connections_.size(); i-- > 0;) {
    if (i < connections_.size()) connections_[i]->on_tick();
  }
  for (std::size_t i = upgraded_.size(); i-- > 0;) {
    if (i < upgraded_.size()) upgraded_[i]->on_tick();
  }
  if (open_count() == 0) {
    ticking_ = false;
  } else {
    wait_for_tick();
  }
}

void ServerCore::refresh_date() {
  std::time_t now = std::time(nullptr);
  if (now == date_) return;
  date_ = now;
  date_line_ = format_date_line(now);
}

bool ServerCore::hold(Connection& connection) {
  if (!poller_->in_batch() || sending_held_) return false;
  if (held_.empty()) held_since_ = std::chrono::steady_clock::now();
  held_.push_back(&connection);
  return true;
}

void ServerCore::say_last_words(std::string_view response) {
  for (const auto& connection : connections_) connection->say_last_words(response);
}

void ServerCore::send_held() {
  if (held_.empty() || std::exchange(sending_held_, true)) return;
  for (std::size_t i = 0; i < held_.size(); ++i) held_[i]->send_held();
  held_.clear();
  sending_held_ = false;
}

void ServerCore::send_held_if_due(std::chrono::steady_clock::time_point now) {
  if (!held_.empty() && now - held_since_ > kHoldAtMost) send_held();
}

void ServerCore::after_each_ready(bool batch_is_over) {
  if (batch_is_over && !given_.empty()) bury_given();
  if (held_.empty()) return;
  if (batch_is_over) return send_held();
  send_held_if_due(std::chrono::steady_clock::now());
}

namespace {

// Takes the connection out; the last one gets its slot.
template <typename T>
std::unique_ptr<T> take_out(std::vector<std::unique_ptr<T>>& all, T& connection) {
  std::size_t slot = connection.slot;
  CHECK(slot < all.size() && all[slot].get() == &connection);
  std::unique_ptr<T> taken = std::move(all[slot]);
  if (slot + 1 < all.size()) {
    all[slot] = std::move(all.back());
    all[slot]->slot = slot;
  }
  all.pop_back();
  return taken;
}

}  // namespace

void ServerCore::bury(Connection& connection) {
  buried_.push_back(take_out(connections_, connection));
  connection_gone();
}

void ServerCore::bury(UpgradedConnection& connection) {
  buried_.push_back(take_out(upgraded_, connection));
  connection_gone();
}

void ServerCore::connection_gone() {
  schedule_reaping();
  if (draining_ && open_count() == 0) report_drained();
  if (!accepting_ && !draining_ && open_count() < limits_.connections) watch_listeners(EPOLLIN);
}

std::unique_ptr<ByteChannel> ServerCore::adopt(UniqueFd socket, std::string input,
                                               OutputBuffer output) {
  upgraded_.push_back(std::make_unique<UpgradedConnection>(*this, std::move(socket),
                                                           std::move(input), std::move(output)));
  UpgradedConnection& connection = *upgraded_.back();
  connection.slot = upgraded_.size() - 1;
  connection.start_watching();
  return connection.channel();
}

void ServerCore::retire(std::unique_ptr<ByteSource> source) {
  if (!source) return;
  retired_.push_back(std::move(source));
  schedule_reaping();
}

void ServerCore::schedule_reaping() {
  if (std::exchange(reaping_scheduled_, true)) return;
  asio::post(io_, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (!self) return;
    self->reaping_scheduled_ = false;
    auto connections = std::move(self->buried_);
    auto sources = std::move(self->retired_);
    self->buried_.clear();
    self->retired_.clear();
    sources.clear();  // first: they may hold callbacks into connections
  });
}

void ServerCore::drain(std::move_only_function<void()> done) {
  CHECK(!draining_);
  draining_ = true;
  drained_ = std::move(done);
  for (auto& listener : listeners_) poller_->remove(listener->fd());
  // Later, since drain() may be called from within a connection's turn.
  asio::post(io_, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->close_idle_connections();
  });
}

void ServerCore::close_idle_connections() {
  listeners_.clear();
  bury_given();
  std::vector<Connection*> all;
  all.reserve(connections_.size());
  for (auto& connection : connections_) all.push_back(connection.get());
  for (Connection* connection : all) connection->on_drain();
  std::vector<UpgradedConnection*> upgraded;  // closed ones live until the loop's next turn
  for (auto& connection : upgraded_) upgraded.push_back(connection.get());
  for (UpgradedConnection* connection : upgraded) connection->on_going_away();
  if (open_count() == 0) report_drained();
}

void ServerCore::report_drained() {
  asio::post(io_, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (!self || !self->drained_) return;
    auto drained = std::exchange(self->drained_, nullptr);
    drained();
  });
}

ServerStatus ServerCore::status() const {
  ServerStatus status = status_;
  status.connections_open = open_count();
  for (auto& connection : connections_) status.bytes_buffered += connection->bytes_buffered();
  for (auto& connection : upgraded_) status.bytes_buffered += connection->bytes_buffered();
  return status;
}

}  // namespace atoll::http
