// Wakes coroutines that wait for something to change. One thread.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <list>

#include "async/task.h"

namespace atoll::sandbox {

class Notice {
 public:
  explicit Notice(asio::io_context& loop) : loop_(loop) {}

  void wake_all() {
    for (asio::steady_timer* timer : waiting_) timer->cancel();
  }

  // Until the next wake_all(), or until then; may also return for no reason.
  Task<void> wait_until(std::chrono::steady_clock::time_point until) {
    asio::steady_timer timer(loop_, until);
    auto place = waiting_.insert(waiting_.end(), &timer);
    co_await timer.async_wait(kAwaitTuple);
    waiting_.erase(place);
  }

 private:
  asio::io_context& loop_;
  std::list<asio::steady_timer*> waiting_;
};

}  // namespace atoll::sandbox
