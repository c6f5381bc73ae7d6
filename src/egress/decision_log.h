// Where the gate tells what it decided and what became of it. The audit is an implementation.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "egress/policy.h"

namespace atoll::egress {

// Failed: nothing was decided against it, but there is no connection.
enum class Verdict : std::uint8_t { Allowed, Refused, Failed };
std::string_view verdict_name(Verdict verdict);  // "allowed", …

class DecisionLog {
 public:
  virtual ~DecisionLog() = default;

  struct Judged {
    std::string address;
    bool allowed = false;
    std::string rule;
  };
  struct Decided {
    Verdict verdict = Verdict::Refused;
    // What decided. Beside those of `Decision` what stood before any address: "host" (not a host
    // name), "dns", "opening-connections", "open-connections", "quota:…".
    std::string rule;
    std::string address;           // connected to; otherwise of the rule; may be empty
    std::vector<Judged> judged;    // every address of the name
    std::string failure;           // why there is no connection although it was allowed
    std::uint64_t connection = 0;  // to be told again when it ends; 0: none
  };
  // One request for a connection, when it is over.
  virtual void decided(const Request& request, const Decided& decided) = 0;

  struct Ended {
    std::uint64_t connection = 0;
    std::string address;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::chrono::milliseconds lasted{0};
    std::string rule;    // which allowed it
    std::string cut_by;  // "policy", "quota:bytes", "host"; empty: one of its ends closed it
  };
  // A connection that was handed over is closed.
  virtual void ended(const Request& request, const Ended& connection) = 0;
};

}  // namespace atoll::egress
