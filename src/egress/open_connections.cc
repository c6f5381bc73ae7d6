#include "egress/open_connections.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "base/check.h"

namespace atoll::egress {

OpenConnections::OpenConnections(boost::asio::io_context& loop) : watch_(loop) {
  int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  CHECK(epoll >= 0);
  watch_.assign(epoll);
  wait();
}

Result<OpenConnections::Id> OpenConnections::add(int socket, Closed closed) {
  UniqueFd duplicate(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
  if (!duplicate) return fail(errno_error("keeping a connection", errno));
  Id id = ++last_id_;
  epoll_event event{};
  event.events = EPOLLONESHOT;  // EPOLLHUP and EPOLLERR are always told
  event.data.u64 = id;
  if (::epoll_ctl(watch_.native_handle(), EPOLL_CTL_ADD, duplicate.get(), &event) != 0) {
    return fail(errno_error("watching a connection", errno));
  }
  connections_.emplace(id, Connection{std::move(duplicate), std::move(closed)});
  return id;
}

void OpenConnections::wait() {
  watch_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                    [this](boost::system::error_code error) {
                      if (error) return;
                      collect();
                      wait();
                    });
}

void OpenConnections::collect() {
  std::array<epoll_event, 64> events;
  for (;;) {
    int count = ::epoll_wait(watch_.native_handle(), events.data(), events.size(), 0);
    for (int i = 0; i < count; ++i) {
      Id id = events[i].data.u64;  // a copy: the structure is packed
      auto found = connections_.find(id);
      if (found != connections_.end()) end(found);
    }
    if (count < static_cast<int>(events.size())) return;
  }
}

void OpenConnections::end(std::unordered_map<Id, Connection>::iterator connection) {
  Id id = connection->first;
  Connection ended = std::move(connection->second);
  connections_.erase(connection);
  // An error (a reset) need not have closed both directions.
  ::shutdown(ended.socket.get(), SHUT_RDWR);
  ended.closed(id, ended.socket.get());
}

void OpenConnections::cut(Id id) {
  if (auto found = connections_.find(id); found != connections_.end()) end(found);
}

int OpenConnections::socket(Id id) const {
  auto found = connections_.find(id);
  return found == connections_.end() ? -1 : found->second.socket.get();
}

}  // namespace atoll::egress
