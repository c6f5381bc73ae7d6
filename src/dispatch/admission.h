// How much of a host one script may take: requests at once, turns waiting, requests a second.
// Whoever comes beyond that is told so at once, and the script's isolate is not touched.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "runtime/outcome.h"
#include "sandbox/border/protocol.h"

namespace atoll::dispatch {

class Admission {
 public:
  using Clock = std::chrono::steady_clock;

  enum class Limit : std::uint8_t { Concurrency, Queue, Rate };
  static constexpr std::size_t kLimits = 3;

  struct Refusal {
    Limit limit;
    std::uint32_t value;                // of the limit
    std::uint32_t retry_after_seconds;  // at least 1
  };
  // Each number of `limits` may be reached; zero is no limit. Counts who is let in. `running`: the
  // script's events that have not ended, `waiting`: its turns and calls that wait.
  std::optional<Refusal> admit(const border::AdmissionLimits& limits, std::size_t running,
                               std::size_t waiting, Clock::time_point now);

  // So many have been refused for that limit since it was asked last; zero while it is not a second
  // since then, unless `all`.
  std::uint64_t take_refused(Limit limit, Clock::time_point now, bool all = false);
  bool has_refused() const { return has_refused_; }

 private:
  struct Refused {
    std::uint64_t count = 0;
    Clock::time_point told;
  };

  Refusal refuse(Limit limit, std::uint32_t value, std::uint32_t retry_after_seconds);

  // When the next request would be due, if they came evenly; may lie ahead by a second's worth.
  Clock::time_point due_;
  std::array<Refused, kLimits> refused_;
  bool has_refused_ = false;
};

// "concurrency", as in the setting limits.concurrency.
std::string_view limit_name(Admission::Limit limit);
// What the caller of the script gets.
runtime::Failure refusal_failure(const Admission::Refusal& refusal, bool is_user_worker);

}  // namespace atoll::dispatch
