// Stops JavaScript that has used up its CPU time, and tells how much a turn used. One thread looks
// about every millisecond while a turn is running; when it sees the same turn again it follows the
// host thread's CPU clock, and asks V8 to terminate when the turn's budget is gone. Reading that
// clock is a system call, so a turn that is over before it was seen is charged the time that passed
// instead, which is never less than the CPU time it used.
#pragma once

#include <pthread.h>
#include <v8.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <functional>
#include <thread>

namespace atoll::runtime {

class Watchdog {
 public:
  // Made on the thread whose turns it watches.
  Watchdog();
  ~Watchdog();

  using Clock = std::chrono::steady_clock;

  // How much more CPU time a turn may use, asked to end, before it counts as stuck: a long native
  // function of V8 looks at such a request only when it returns.
  static constexpr std::chrono::milliseconds kGrace{500};
  // `stuck` runs on the watching thread, once, with the host's thread stopped for good in the
  // middle of whatever it did: it holds locks, the allocator's perhaps. What remains is to end the
  // process. Set it before the first turn.
  void on_stuck(std::function<void()> stuck);

  // `help` runs on the watching thread about once a millisecond, from when a turn has taken about
  // one until it ends; the host's thread does not leave the turn meanwhile, so it has to be quick.
  // Set it before the first turn.
  void on_long_turn(std::function<void()> help) { help_ = std::move(help); }

  // CPU time of the calling thread; a system call.
  static std::chrono::nanoseconds thread_cpu_time();

  // From `now` until end_turn(), the isolate may use so much CPU time, exact to about two
  // milliseconds.
  void begin_turn(v8::Isolate* isolate, std::chrono::nanoseconds budget, Clock::time_point now);

  // Whether the budget of the turn that runs is used up. For native code that works long and has
  // to stop by itself: V8 only stops JavaScript. On the host's thread.
  bool time_is_up() const { return (turn_.load(std::memory_order_relaxed) & kStateMask) >= Firing; }

  struct Used {
    std::chrono::nanoseconds cpu;
    bool terminated;  // the caller then cancels the termination
  };
  Used end_turn(Clock::time_point now);

 private:
  // The low two bits of `turn_`; the rest counts turns, so that a decision made about one turn can
  // never be carried out on the next.
  enum State : std::uint64_t { Idle, Running, Firing, Fired };
  static constexpr std::uint64_t kStateMask = 3;

  void watch();
  void look_at(std::uint64_t seen);
  void look_at_fired(std::uint64_t seen);
  void help(std::uint64_t seen);

  std::atomic<std::uint64_t> turn_{Idle};
  std::atomic<v8::Isolate*> isolate_{nullptr};
  std::atomic<std::int64_t> budget_{0};
  // What the watcher saw first of a turn: which one, and the clocks then.
  std::atomic<std::uint64_t> seen_turn_{0};
  std::atomic<std::int64_t> seen_cpu_{0};
  std::atomic<std::int64_t> seen_at_{0};
  std::function<void()> stuck_;
  std::function<void()> help_;
  std::atomic<bool> helping_{false};
  pthread_t host_thread_{};
  Clock::time_point begun_;
  std::atomic<bool> asleep_{false};
  std::atomic<bool> stopping_{false};
  clockid_t host_clock_{};
  std::thread watcher_;
};

}  // namespace atoll::runtime
