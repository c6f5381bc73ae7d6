// The order of turns. JavaScript of one isolate must never run inside a call made by another, so
// whatever wants to run while a turn is on is queued; the queue is emptied before the event loop
// goes back to the kernel. That makes a dispatch from Worker to Worker a matter of two queue
// entries, not of a system call.
//
// Each script waits in a line of its own, and the lines take turns: however many turns of one
// script wait, another script's next turn waits for one of them.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/queue_delay.h"

namespace atoll::runtime {

class Scheduler {
 public:
  using Task = std::move_only_function<void()>;
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  // What one script has waiting. May go at any time: its tasks then run all the same.
  class Line {
   public:
    explicit Line(Scheduler& scheduler) : scheduler_(scheduler) {}
    ~Line();
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    std::size_t waiting() const { return tasks_.size() - next_; }

   private:
    friend class Scheduler;
    struct Waiting {
      Task task;
      Time since;
    };

    Task take();

    Scheduler& scheduler_;
    std::vector<Waiting> tasks_;
    std::size_t next_ = 0;
    // Nanoseconds that its turns took, halved with each window that passes.
    std::uint64_t used_ = 0;
    std::uint32_t window_ = 0;   // which one `used_` is of
    std::uint32_t mean_us_ = 0;  // of a turn, of late
    Line* behind_ = nullptr;     // the line whose turn is next
    bool is_listed_ = false;
  };

  explicit Scheduler(boost::asio::io_context& loop) : loop_(loop) {}

  // Runs `task` now if nothing runs, otherwise after what runs. Must be called on the loop's
  // thread. What is in no line is the host's own and short, and goes before all lines.
  void run(Task task) { run(own_, std::move(task)); }
  void run(Line& line, Task task);
  // The same, but never at once: for those who must not be called back yet.
  void later(Task task) { later(own_, std::move(task)); }
  void later(Line& line, Task task);

  // `told` hears of each turn of JavaScript about to begin, and whether it has to be reckoned with
  // that it takes long: until it ends, nothing else happens on this thread.
  using BeforeTurn = std::move_only_function<void(Time now, bool may_take_long)>;
  void on_turn(BeforeTurn told) { before_turn_ = std::move(told); }
  void announce_turn(Time now, bool may_take_long) {
    now_ = now;
    if (before_turn_) before_turn_(now, may_take_long);
  }

  // The time as whoever read the clock last told it: about that of the last turn's end.
  void note_time(Time now) { now_ = now; }
  Time now() const { return now_; }

  // ---- Too much to do: who is turned away ------------------------------------------------------

  // Where there is a queue beside the lines: before the connections, in the event loop.
  enum class Wait : std::uint8_t { Connection, Loop };
  QueueDelay& waits(Wait where) { return waits_[static_cast<std::size_t>(where)]; }
  // Zero: whoever waits is served, however late.
  void set_longest_wait(std::chrono::milliseconds limit) {
    longest_wait_ = limit;
    for (QueueDelay& delay : waits_) delay.set_limit(limit);
  }
  // Whether that line's script is to be turned away: waits are too long, or will be in its line,
  // and it is heavy.
  bool has_no_time_for(const Line& line) const;
  // A turn of that line took so long.
  void charge(Line& line, std::chrono::nanoseconds used);
  // Whether its turns of late took at least half as much time as those of any other line.
  bool is_heavy(const Line& line) const;

  boost::asio::io_context& loop() { return loop_; }

 private:
  void add(Line& line, Task task);
  void append(Line& line);
  void forget(Line& line);
  Task take();
  void drain();
  void open_window();

  boost::asio::io_context& loop_;
  Line own_{*this};
  Line* first_ = nullptr;  // lines with something in them, in the order of their turns
  Line* last_ = nullptr;
  BeforeTurn before_turn_;
  Time now_;
  std::array<QueueDelay, 2> waits_;
  Duration longest_wait_{};
  Time window_began_;
  std::uint64_t window_ = 0;
  std::uint64_t heaviest_ = 0;  // the most that any line used, as Line::used_
  bool running_ = false;
};

}  // namespace atoll::runtime
