// Wall-clock time as the API shows it. Durations are std::chrono; see also js/ for the frozen
// clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace atoll {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

WallTime wall_now();

// RFC 3339 in UTC with exactly three decimals: 2026-01-02T03:04:05.678Z.
std::string format_rfc3339(WallTime time);
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace atoll
