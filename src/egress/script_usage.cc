#include "egress/script_usage.h"

#include <algorithm>
#include <string>

namespace atoll::egress {
namespace {

constexpr auto kMinute = std::chrono::seconds(60);

std::unexpected<ScriptUsage::Refusal> refuse(std::string rule, std::string message) {
  return std::unexpected(ScriptUsage::Refusal{std::move(rule), std::move(message)});
}

}  // namespace

std::expected<void, ScriptUsage::Refusal> ScriptUsage::admit(const Limits& limits,
                                                             const Quotas& quotas,
                                                             Clock::time_point now,
                                                             WallTime wall_now) {
  if (opening >= limits.opening_per_script) {
    return refuse("opening-connections",
                  "this script opens too many connections at once (egress.opening_per_script)");
  }
  if (open + opening >= limits.connections_per_script) {
    return refuse("open-connections",
                  "this script has too many open connections (egress.connections_per_script)");
  }
  if (quotas.connections && open + opening >= *quotas.connections) {
    return refuse("quota:connections",
                  "this script has too many open connections (quota connections)");
  }
  if (now - minute_began_ >= kMinute) {
    minute_began_ = now;
    began_in_minute_ = 0;
  }
  if (quotas.new_connections_per_minute && began_in_minute_ >= *quotas.new_connections_per_minute) {
    return refuse("quota:new-connections",
                  "this script opens too many connections a minute (quota "
                  "new_connections_per_minute)");
  }
  if (bytes_used_up(quotas, wall_now)) {
    return refuse("quota:bytes",
                  "this script has moved as many bytes as it may (quota bytes_per_window)");
  }
  ++began_in_minute_;
  return {};
}

// Windows begin at whole multiples of their length since 1970: days begin at midnight UTC.
void ScriptUsage::enter_window(const Quotas& quotas, WallTime now) {
  if (now < window_.ends) return;
  auto length =
      std::chrono::milliseconds(1000ll * quotas.window_seconds.value_or(kDefaultWindowSeconds));
  window_.ends = WallTime((now.time_since_epoch() / length + 1) * length);
  window_.bytes = 0;
}

void ScriptUsage::add_bytes(std::uint64_t bytes, const Quotas& quotas, WallTime now) {
  if (!quotas.bytes_per_window) return;
  enter_window(quotas, now);
  window_.bytes += bytes;
}

bool ScriptUsage::bytes_used_up(const Quotas& quotas, WallTime now) {
  if (!quotas.bytes_per_window) return false;
  enter_window(quotas, now);
  return window_.bytes >= *quotas.bytes_per_window;
}

bool ScriptUsage::is_idle(Clock::time_point now, WallTime wall_now) const {
  return open == 0 && opening == 0 && looking_up == 0 && now - minute_began_ >= kMinute &&
         (window_.bytes == 0 || wall_now >= window_.ends);
}

}  // namespace atoll::egress
