// The HTTP/1.1 server at the front of an isolate host: keep-alive, pipelining, streaming both ways.
//
// Lives on one thread, on one io_context. In the common case a request costs one read and one
// write.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "async/task.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "http/server/handover.h"
#include "http/server/request_handler.h"
#include "http/server/server_limits.h"

namespace atoll::http {

class ServerCore;

struct ServerStatus {
  std::uint64_t connections_accepted = 0;
  std::uint64_t requests = 0;  // heads read whole and well-formed
  std::size_t connections_open = 0;
  std::size_t bytes_buffered = 0;  // unread input and unsent output
};

class Server {
 public:
  // `io` and `handler` outlive the server.
  Server(asio::io_context& io, ServerLimits limits, RequestHandler& handler);
  // Cuts all connections; on_disconnect callbacks run. Not from within a call to the handler.
  ~Server();

  // Accepts on a socket that is already bound and listening: TCP or Unix, made non-blocking here.
  // It may be shared with other processes. Several may be given.
  Result<void> listen(UniqueFd listening_socket);

  // Takes connections out of that queue as it accepts others, and lets help_out() put some in.
  Result<void> share(HandoverQueue queue);
  // For another thread, while the event loop's own has no time: it stands in the handler, and
  // nothing that it does meanwhile touches this server but through an open exchange. Sends answers
  // that were held, and gives connections whose clients have said something to whoever is free.
  void help_out();

  // Stops accepting, closes idle connections, lets requests in flight finish (their connections
  // close then). `done` runs from the event loop once no connection is left; how long to wait for
  // that is the caller's affair.
  void drain(std::move_only_function<void()> done);

  // Answers to requests that were read in one batch are sent together at its end, or when the first
  // of them is 0.1 ms old, which is looked at between connections. A handler that does more than a
  // few microseconds' work calls one of these first, so that no client waits for another's work.
  void send_held();
  void send_held_if_due(std::chrono::steady_clock::time_point now);

  // For a process that must end now, its own thread stopped for good: writes whole answers that
  // were held, answers each request that waits with `response` (raw bytes, no body follows) and
  // closes all. Callable from another thread then, and the last call of all: nothing is kept in
  // order.
  void say_last_words(std::string_view response);

  // Since when whoever is served now has waited, or about so (Poller::lap_began). Nothing while it
  // is not the connections' turn.
  std::optional<std::chrono::steady_clock::time_point> waiting_since() const;

  ServerStatus status() const;

 private:
  std::shared_ptr<ServerCore> core_;
};

}  // namespace atoll::http
