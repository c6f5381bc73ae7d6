// The order of turns. JavaScript of one isolate must never run inside a call made by another, so
// whatever wants to run while a turn is on is queued; the queue is emptied before the event loop
// goes back to the kernel. That makes a dispatch from Worker to Worker a matter of two queue
// entries, not of a system call.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <vector>

namespace atoll::runtime {

class Scheduler {
 public:
  using Task = std::move_only_function<void()>;

  explicit Scheduler(boost::asio::io_context& loop) : loop_(loop) {}

  // Runs `task` now if nothing runs, otherwise after what runs. Must be called on the loop's
  // thread.
  void run(Task task);
  // The same, but never at once: for those who must not be called back yet.
  void later(Task task);

  // `told` hears of each turn of JavaScript about to begin, and whether it has to be reckoned with
  // that it takes long: until it ends, nothing else happens on this thread.
  using BeforeTurn =
      std::move_only_function<void(std::chrono::steady_clock::time_point now, bool may_take_long)>;
  void on_turn(BeforeTurn told) { before_turn_ = std::move(told); }
  void announce_turn(std::chrono::steady_clock::time_point now, bool may_take_long) {
    if (before_turn_) before_turn_(now, may_take_long);
  }

  boost::asio::io_context& loop() { return loop_; }

 private:
  void drain();

  boost::asio::io_context& loop_;
  std::vector<Task> queue_;
  std::size_t next_ = 0;
  BeforeTurn before_turn_;
  bool running_ = false;
};

}  // namespace atoll::runtime
