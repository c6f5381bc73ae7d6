// From a request to a connected socket: resolve, decide, connect. One thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "async/task.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "egress/decision_log.h"
#include "egress/open_connections.h"
#include "egress/policy.h"
#include "egress/resolver.h"

namespace atoll::egress {

struct Limits {
  std::chrono::milliseconds connect_timeout{15'000};  // name, decision and connection together
  std::uint32_t connections_per_script = 1'024;       // open and opening
  std::uint32_t opening_per_script = 64;              // more wait for nothing: they are refused
};

class Gate {
 public:
  // `resolver` and `log` outlive the gate.
  Gate(boost::asio::io_context& loop, Rules rules, Limits limits, Resolver& resolver,
       DecisionLog& log);

  struct Opened {
    OpenConnections::Id id = 0;  // for cut()
    UniqueFd socket;             // connected, non-blocking, close-on-exec
    std::string remote_address;
    std::string local_address;
  };
  // Every address is judged after the name was resolved, and the connection goes to a judged
  // address. `owner` names the host process that asks, for release(). Errors, fit for tenant code:
  // InvalidInput, Denied, NotFound, LimitReached, Unavailable.
  Task<Result<Opened>> open(Request request, std::uint64_t owner);

  void cut(OpenConnections::Id id) { connections_.cut(id); }
  // That host is gone: its connections end.
  void release(std::uint64_t owner) { connections_.cut_all_of(owner); }

  std::size_t open_connections() const { return connections_.count(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Usage {
    std::uint32_t open = 0;
    std::uint32_t opening = 0;
  };
  class Opening;

  Task<Result<std::vector<Address>>> resolve(Request request, Clock::time_point deadline);
  Task<Result<UniqueFd>> connect(Address address, std::uint16_t port, Clock::time_point deadline);
  Task<Result<Opened>> open_any(Request request, std::uint64_t owner);
  Result<void> admit(const Request& request);
  Result<Opened> hand_over(const Request& request, UniqueFd socket, std::string rule,
                           std::uint64_t owner);
  void refresh_own_addresses();

  boost::asio::io_context& loop_;
  Rules rules_;
  const Limits limits_;
  Resolver& resolver_;
  DecisionLog& log_;
  std::unordered_map<std::string, Usage> usage_;  // by script
  Clock::time_point own_addresses_read_;
  OpenConnections connections_;
};

}  // namespace atoll::egress
