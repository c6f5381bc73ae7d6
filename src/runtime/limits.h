// What one invocation may use. The effective limit is the lowest of platform, script and dispatch.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace atoll::runtime {

struct Limits {
  std::chrono::milliseconds cpu{30'000};
  std::chrono::milliseconds wall{300'000};
  std::uint32_t subrequests = 10'000;
  std::uint32_t hops = 16;              // Worker to Worker
  std::uint32_t log_bytes = 256 << 10;  // console output kept of one invocation

  // Lowers cpu and subrequests; zero and negative mean "no opinion".
  void lower(std::int64_t cpu_ms, std::int64_t subrequest_count) {
    if (cpu_ms > 0) cpu = std::min(cpu, std::chrono::milliseconds(cpu_ms));
    if (subrequest_count >= 0) {
      subrequests =
          static_cast<std::uint32_t>(std::min<std::int64_t>(subrequests, subrequest_count));
    }
  }
};

}  // namespace atoll::runtime
