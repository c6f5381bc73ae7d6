// So much per second of something, and a second's worth at once at most.
#pragma once

#include <chrono>
#include <cstdint>

namespace atoll::border {

class Allowance {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Allowance(std::uint64_t per_second, Time now)
      : per_second_(static_cast<double>(per_second)), left_(per_second_), as_of_(now) {}

  // Takes `count`, though less may be left: what is owed then has to be waited for.
  void take(std::uint64_t count, Time now) {
    refill(now);
    left_ -= static_cast<double>(count);
  }

  // Takes `count` if so much is left, else nothing.
  bool try_take(std::uint64_t count, Time now) {
    refill(now);
    if (left_ < static_cast<double>(count)) return false;
    left_ -= static_cast<double>(count);
    return true;
  }

  // Until nothing is owed any more. Zero: there is something left now.
  std::chrono::nanoseconds owed_for() const {
    if (left_ >= 0) return std::chrono::nanoseconds(0);
    return std::chrono::nanoseconds(1 + static_cast<std::int64_t>(-left_ / per_second_ * 1e9));
  }

 private:
  void refill(Time now) {
    left_ += per_second_ * std::chrono::duration<double>(now - as_of_).count();
    if (left_ > per_second_) left_ = per_second_;
    as_of_ = now;
  }

  double per_second_;
  double left_;
  Time as_of_;
};

}  // namespace atoll::border
