// Where the gate tells what it decided and what became of it. The audit is an implementation.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "egress/policy.h"

namespace atoll::egress {

class DecisionLog {
 public:
  virtual ~DecisionLog() = default;

  // One address that was judged. `decision.rule` also names what stood before any address: "host"
  // (not a host name), "dns", "open-connections".
  virtual void decided(const Request& request, const std::string& address,
                       const Decision& decision) = 0;

  struct Ended {
    std::string address;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::chrono::milliseconds lasted{0};
    std::string rule;  // which allowed it
  };
  // A connection that was handed over is closed.
  virtual void ended(const Request& request, const Ended& connection) = 0;
};

}  // namespace atoll::egress
