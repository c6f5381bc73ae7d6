#include "runtime/timer_queue.h"

namespace atoll::runtime {

TimerQueue::Key TimerQueue::start(Clock::duration delay, Callback callback) {
  Key key{Clock::now() + delay, next_++};
  waiting_.emplace(key, std::move(callback));
  if (key.first < armed_for_) arm();
  return key;
}

void TimerQueue::arm() {
  if (waiting_.empty()) {
    armed_for_ = Clock::time_point::max();
    return;
  }
  armed_for_ = waiting_.begin()->first.first;
  timer_.expires_at(armed_for_);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) fire_due();
  });
}

void TimerQueue::fire_due() {
  // Timers started by a callback wait for the next round, even with no delay.
  auto now = Clock::now();
  std::uint64_t newest = next_;
  while (!waiting_.empty()) {
    auto first = waiting_.begin();
    if (first->first.first > now || first->first.second >= newest) break;
    Callback callback = std::move(first->second);
    waiting_.erase(first);
    callback();
  }
  arm();
}

}  // namespace atoll::runtime
