// Tells a queue that stays too long from one that is long for a moment: after one long turn many
// have waited, and that is no reason to turn anybody away.
#pragma once

#include <chrono>

namespace atoll::runtime {

class QueueDelay {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  // A wait of so much is too long. Zero: none is.
  void set_limit(Duration limit) { limit_ = limit; }

  // Something has waited so long when its turn came.
  void observe(Time now, Duration waited) {
    waited_ = waited;
    if (waited < limit_ || limit_ == Duration::zero()) [[likely]] {
      if (since_ != Time() && now - last_ > 2 * limit_) since_ = {};
      return;
    }
    if (since_ == Time()) since_ = now;
    last_ = now;
  }

  // Whether the wait observed last is too long, and such waits have been coming for at least as
  // long as the limit itself. Forgotten when none has come for twice that time.
  bool too_long(Time now) const {
    return since_ != Time() && waited_ >= limit_ && last_ - since_ >= limit_ &&
           now - last_ <= waited_ + limit_;
  }

 private:
  Duration limit_{};
  Duration waited_{};
  Time since_;  // the first of the waits that were too long; zero: there is none
  Time last_;   // the last of them
};

}  // namespace atoll::runtime
