// Many timers over one timer of the event loop.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>

namespace atoll::runtime {

class TimerQueue {
 public:
  using Clock = std::chrono::steady_clock;
  using Callback = std::move_only_function<void()>;
  // Names a timer until it has fired or was cancelled.
  using Key = std::pair<Clock::time_point, std::uint64_t>;

  explicit TimerQueue(boost::asio::io_context& loop) : timer_(loop) {}

  Key start(Clock::duration delay, Callback callback);
  void cancel(const Key& key) { waiting_.erase(key); }

 private:
  void arm();
  void fire_due();

  boost::asio::steady_timer timer_;
  std::map<Key, Callback> waiting_;
  Clock::time_point armed_for_ = Clock::time_point::max();
  std::uint64_t next_ = 0;
};

}  // namespace atoll::runtime
