// Duplicates of the sockets that hosts were given: they tell when a connection is closed and how
// many bytes it moved, whatever a host says, and can cut it. A host that only closes its descriptor
// leaves the connection open; it must shut it down in both directions (protocol.h).
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "base/unique_fd.h"

namespace atoll::egress {

class OpenConnections {
 public:
  using Id = std::uint64_t;
  // The connection is closed in both directions; `socket` is still open during the call.
  using Closed = std::move_only_function<void(Id id, int socket)>;

  explicit OpenConnections(boost::asio::io_context& loop);

  // Watches a duplicate of `socket`, which stays the caller's. Fails when the process has no
  // descriptor left.
  Result<Id> add(int socket, Closed closed);

  // Ends that connection, if it is still there.
  void cut(Id id);
  // The duplicate, still this object's; -1: there is none any more.
  int socket(Id id) const;

  std::size_t count() const { return connections_.size(); }

 private:
  struct Connection {
    UniqueFd socket;
    Closed closed;
  };

  void wait();
  void collect();
  void end(std::unordered_map<Id, Connection>::iterator connection);

  // An epoll of its own, waiting for nothing but the end: the loop would wake for every packet.
  boost::asio::posix::stream_descriptor watch_;
  std::unordered_map<Id, Connection> connections_;
  Id last_id_ = 0;
};

}  // namespace atoll::egress
