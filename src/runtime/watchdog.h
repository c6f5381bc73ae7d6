// Stops JavaScript that has used up its CPU time. One thread looks at the host thread's CPU clock
// about every millisecond while a turn is running, and asks V8 to terminate when the turn's budget
// is gone. A turn that ends in time costs two atomic operations and no system call.
#pragma once

#include <v8.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <thread>

namespace atoll::runtime {

class Watchdog {
 public:
  // Made on the thread whose turns it watches.
  Watchdog();
  ~Watchdog();

  // CPU time of the calling thread.
  static std::chrono::nanoseconds thread_cpu_time();

  // From now until end_turn(), the isolate may run until the thread's CPU clock shows `deadline`.
  void begin_turn(v8::Isolate* isolate, std::chrono::nanoseconds deadline);
  // True when the turn was terminated. The caller then cancels the termination.
  bool end_turn();

 private:
  // The low two bits of `turn_`; the rest counts turns, so that a decision made about one turn can
  // never be carried out on the next.
  enum State : std::uint64_t { Idle, Running, Firing, Fired };
  static constexpr std::uint64_t kStateMask = 3;

  void watch();

  std::atomic<std::uint64_t> turn_{Idle};
  std::atomic<v8::Isolate*> isolate_{nullptr};
  std::atomic<std::int64_t> deadline_{0};
  std::atomic<bool> asleep_{false};
  std::atomic<bool> stopping_{false};
  clockid_t host_clock_{};
  std::thread watcher_;
};

}  // namespace atoll::runtime
