#include "runtime/scheduler.h"

#include <boost/asio/post.hpp>

namespace atoll::runtime {

// After so many queued tasks the loop gets a chance to accept, read and time out.
constexpr int kTasksPerRound = 256;

void Scheduler::run(Task task) {
  if (running_) {
    queue_.push_back(std::move(task));
    return;
  }
  running_ = true;
  task();
  drain();
}

void Scheduler::later(Task task) {
  queue_.push_back(std::move(task));
  if (running_) return;
  running_ = true;
  boost::asio::post(loop_, [this] { drain(); });
}

void Scheduler::drain() {
  for (int ran = 0; next_ < queue_.size(); ++ran) {
    if (ran == kTasksPerRound) {
      // Still `running_`: newcomers line up behind what is queued.
      boost::asio::post(loop_, [this] { drain(); });
      return;
    }
    Task task = std::move(queue_[next_++]);
    if (next_ == queue_.size()) {
      queue_.clear();
      next_ = 0;
    }
    task();
  }
  running_ = false;
}

}  // namespace atoll::runtime
