// What one script takes of what it may have of the outside.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/result.h"
#include "base/time.h"
#include "egress/script_policy.h"

namespace atoll::egress {

// Of every script, whatever its policy says; a policy can only lower them.
struct Limits {
  std::chrono::milliseconds connect_timeout{15'000};  // name, decision and connection together
  std::uint32_t connections_per_script = 1'024;       // open and opening
  std::uint32_t opening_per_script = 64;              // more wait for nothing: they are refused
  // Names looked up at once, of all scripts. When half of it is taken, a script that has
  // `lookups_when_busy` already gets no more, so that the other half is for those that have few.
  std::uint32_t lookups = 2'048;
  std::uint32_t lookups_when_busy = 4;
};

class ScriptUsage {
 public:
  using Clock = std::chrono::steady_clock;

  std::uint32_t open = 0;
  std::uint32_t opening = 0;
  std::uint32_t looking_up = 0;

  struct Refusal {
    std::string rule;
    std::string message;
  };
  // Whether one more connection fits. An attempt that fits counts, however it ends.
  std::expected<void, Refusal> admit(const Limits& limits, const Quotas& quotas,
                                     Clock::time_point now, WallTime wall_now);

  // Bytes moved since they were last counted.
  void add_bytes(std::uint64_t bytes, const Quotas& quotas, WallTime now);
  bool bytes_used_up(const Quotas& quotas, WallTime now);

  struct Window {
    WallTime ends{};
    std::uint64_t bytes = 0;
  };
  const Window& window() const { return window_; }
  void set_window(Window window) { window_ = window; }

  // Nothing is to be remembered.
  bool is_idle(Clock::time_point now, WallTime wall_now) const;

 private:
  void enter_window(const Quotas& quotas, WallTime now);

  Clock::time_point minute_began_;
  std::uint32_t began_in_minute_ = 0;
  Window window_;
};

}  // namespace atoll::egress
