// From a request to a connected socket: resolve, decide, connect. One thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "async/task.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "egress/decision_log.h"
#include "egress/open_connections.h"
#include "egress/policy_table.h"
#include "egress/resolver.h"
#include "egress/script_usage.h"

namespace atoll::egress {

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
    bool is_for_method = false;  // it may carry requests of the method it was asked for only
  };
  // Every address is judged after the name was resolved, and the connection goes to a judged
  // address. `owner` names the host process that asks, for release(). Errors, fit for tenant code:
  // InvalidInput, Denied, NotFound, LimitReached, Unavailable.
  Task<Result<Opened>> open(Request request, std::uint64_t owner);

  // Connections that the policies do not allow any more end.
  void set_policy(const PolicyTarget& target, ScriptPolicy policy);
  void remove_policy(const PolicyTarget& target);

  // What is counted towards quotas of bytes, for a platform that starts again. `restore` ignores
  // what it does not understand.
  Json counted_bytes() const;
  void restore_counted_bytes(const Json& counted);

  void cut(OpenConnections::Id id) { cut_because(id, "host"); }
  // That host is gone: its connections end.
  void release(std::uint64_t owner);

  std::size_t open_connections() const { return connections_.count(); }

 private:
  using Clock = std::chrono::steady_clock;
  class Opening;
  struct Candidate {
    Address address;
    Decision decision;
  };
  // A connection that was handed over.
  struct Live {
    Request request;
    Address address;
    std::string remote;
    std::string rule;
    Clock::time_point began;
    std::uint64_t owner = 0;
    bool is_for_method = false;
    std::uint64_t counted_bytes = 0;  // towards the quota
    std::string cut_by;
  };

  Result<void> admit_lookup(const Request& request);
  Task<Result<std::vector<Address>>> resolve(Request request, Clock::time_point deadline);
  Task<Result<UniqueFd>> connect(Address address, std::uint16_t port, Clock::time_point deadline);
  // `decided` is filled in and outlives the task.
  Task<Result<Opened>> open_any(Request request, std::uint64_t owner,
                                DecisionLog::Decided& decided);
  Result<void> admit(const Request& request, DecisionLog::Decided& decided);
  Result<std::vector<Candidate>> judge(const Request& request,
                                       const std::vector<Address>& addresses,
                                       DecisionLog::Decided& decided);
  Result<Opened> hand_over(const Request& request, UniqueFd socket, Candidate chosen,
                           std::uint64_t owner);
  void ended(OpenConnections::Id id, int socket);
  void cut_because(OpenConnections::Id id, std::string reason);
  void judge_again(const PolicyTarget& target);
  void forget_idle_scripts();

  void count_bytes(Live& live, int socket);
  void meter(OpenConnections::Id id);
  void count_later();
  void count_all();
  void refresh_own_addresses();

  boost::asio::io_context& loop_;
  Rules rules_;
  const Limits limits_;
  Resolver& resolver_;
  DecisionLog& log_;
  PolicyTable policies_;
  std::unordered_map<std::string, ScriptUsage> usage_;  // by script
  Clock::time_point usage_swept_;
  std::uint32_t looking_up_ = 0;  // of all scripts
  Clock::time_point own_addresses_read_;
  std::unordered_map<OpenConnections::Id, Live> live_;
  std::unordered_set<OpenConnections::Id> metered_;  // whose script has a quota of bytes
  boost::asio::steady_timer counting_;
  bool counts_later_ = false;
  OpenConnections connections_;
};

}  // namespace atoll::egress
