// How long to wait before a dead child is started again: not at all, unless it keeps dying young.
#pragma once

#include <algorithm>
#include <chrono>

namespace atoll::sandbox {

class RestartDelay {
 public:
  static constexpr auto kYoung = std::chrono::seconds(5);
  static constexpr unsigned kFreeRestarts = 3;  // in a row, after a young death
  static constexpr auto kFirst = std::chrono::milliseconds(100);
  static constexpr auto kLongest = std::chrono::milliseconds(10'000);

  std::chrono::milliseconds after_death(std::chrono::steady_clock::duration lived) {
    young_deaths_ = lived < kYoung ? young_deaths_ + 1 : 0;
    if (young_deaths_ <= kFreeRestarts) return std::chrono::milliseconds(0);
    unsigned doublings = std::min(young_deaths_ - kFreeRestarts - 1, 10u);
    return std::min<std::chrono::milliseconds>(kFirst * (1u << doublings), kLongest);
  }

  unsigned young_deaths() const { return young_deaths_; }

 private:
  unsigned young_deaths_ = 0;
};

}  // namespace atoll::sandbox
