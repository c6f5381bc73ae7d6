// The management API on a listening socket: HTTP/1.1 with keep-alive, bounded in size and time.
// Everything runs on the io_context, which one thread runs.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "async/task.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "management/api.h"

namespace atoll::management {

class Server {
 public:
  Server(asio::io_context& loop, Dependencies dependencies, Settings settings);
  // Closes what is open. Requests still being answered are abandoned where they wait; run the loop
  // once more (or destroy it) before the dependencies go.
  ~Server();
  Server(const Server&) = delete;

  // Serves a bound, listening TCP socket (IPv4 or IPv6). May be called for several sockets. Fails
  // when the socket is none.
  Result<void> listen(UniqueFd listening_socket);

  // No new connections; idle ones close at once, busy ones after their answer. Safe to repeat.
  void stop();

  // Open connections; after stop(), zero means that every request has been answered.
  std::size_t connection_count() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the coroutines
};

}  // namespace atoll::management
