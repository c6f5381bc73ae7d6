#include "runtime/watchdog.h"

#include <pthread.h>
#include <signal.h>

#include <utility>

#include "base/check.h"

namespace atoll::runtime {
namespace {

constexpr std::chrono::milliseconds kTick{1};
constexpr int kIdleTicksBeforeSleep = 20;

std::chrono::nanoseconds read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// The signal that stops a thread for good. Its handler never returns.
constexpr int kParkSignal = SIGUSR2;

std::atomic<bool> g_parked{false};

void park(int) {
  g_parked.store(true, std::memory_order_release);
  while (true) {
    timespec long_time{.tv_sec = 3600, .tv_nsec = 0};
    ::clock_nanosleep(CLOCK_MONOTONIC, 0, &long_time, nullptr);
  }
}

}  // namespace

void Watchdog::on_stuck(std::function<void()> stuck) {
  stuck_ = std::move(stuck);
  host_thread_ = pthread_self();
  struct sigaction action{};
  action.sa_handler = park;
  ::sigfillset(&action.sa_mask);
  CHECK(::sigaction(kParkSignal, &action, nullptr) == 0);
}

Watchdog::Watchdog() {
  CHECK(pthread_getcpuclockid(pthread_self(), &host_clock_) == 0);
  watcher_ = std::thread([this] { watch(); });
}

Watchdog::~Watchdog() {
  stopping_ = true;
  turn_.fetch_add(kStateMask + 1);
  turn_.notify_one();
  watcher_.join();
}

std::chrono::nanoseconds Watchdog::thread_cpu_time() { return read_clock(CLOCK_THREAD_CPUTIME_ID); }

void Watchdog::begin_turn(v8::Isolate* isolate, std::chrono::nanoseconds budget,
                          Clock::time_point now) {
  begun_ = now;
  isolate_.store(isolate, std::memory_order_relaxed);
  budget_.store(budget.count(), std::memory_order_relaxed);
  std::uint64_t count = turn_.load(std::memory_order_relaxed) & ~kStateMask;
  turn_.store((count + kStateMask + 1) | Running, std::memory_order_seq_cst);
  if (asleep_.load(std::memory_order_seq_cst)) turn_.notify_one();
}

Watchdog::Used Watchdog::end_turn(Clock::time_point now) {
  std::uint64_t before = turn_.load(std::memory_order_relaxed);
  std::uint64_t idle = before & ~kStateMask;
  bool terminated = false;
  if ((before & kStateMask) != Running || !turn_.compare_exchange_strong(before, idle)) {
    // The watcher has decided: wait until V8 has been asked, so that the request cannot hit the
    // next turn.
    while ((turn_.load(std::memory_order_acquire) & kStateMask) != Fired) {
    }
    turn_.store(idle, std::memory_order_release);
    terminated = true;
  }
  // Whoever set it saw the turn running, and so before it was ended above.
  while (helping_.load(std::memory_order_seq_cst)) {
  }
  if (seen_turn_.load(std::memory_order_acquire) != idle) return {now - begun_, terminated};
  auto unseen = std::chrono::nanoseconds(seen_at_.load(std::memory_order_relaxed)) -
                begun_.time_since_epoch();
  auto seen =
      thread_cpu_time() - std::chrono::nanoseconds(seen_cpu_.load(std::memory_order_relaxed));
  return {unseen + seen, terminated};
}

void Watchdog::watch() {
  int idle_ticks = 0;
  while (!stopping_) {
    std::uint64_t seen = turn_.load(std::memory_order_acquire);
    if ((seen & kStateMask) == Fired && stuck_) {
      idle_ticks = 0;
      look_at_fired(seen);
    } else if ((seen & kStateMask) != Running) {
      if (++idle_ticks > kIdleTicksBeforeSleep) {
        asleep_.store(true, std::memory_order_seq_cst);
        seen = turn_.load(std::memory_order_seq_cst);
        if ((seen & kStateMask) != Running && !stopping_) turn_.wait(seen);
        asleep_.store(false, std::memory_order_seq_cst);
        idle_ticks = 0;
      }
    } else {
      idle_ticks = 0;
      look_at(seen);
    }
    std::this_thread::sleep_for(kTick);
  }
}

void Watchdog::look_at(std::uint64_t seen) {
  std::uint64_t turn = seen & ~kStateMask;
  std::int64_t cpu = read_clock(host_clock_).count();
  if (seen_turn_.load(std::memory_order_relaxed) != turn) {
    // Written before the turn's number, which end_turn() reads first.
    seen_cpu_.store(cpu, std::memory_order_relaxed);
    seen_at_.store(Clock::now().time_since_epoch().count(), std::memory_order_relaxed);
    seen_turn_.store(turn, std::memory_order_release);
    return;
  }
  help(seen);
  bool over =
      cpu - seen_cpu_.load(std::memory_order_relaxed) >= budget_.load(std::memory_order_relaxed);
  if (over && turn_.compare_exchange_strong(seen, turn | Firing)) {
    isolate_.load(std::memory_order_relaxed)->TerminateExecution();
    turn_.store(turn | Fired, std::memory_order_release);
  }
}

void Watchdog::help(std::uint64_t seen) {
  if (!help_) return;
  helping_.store(true, std::memory_order_seq_cst);
  if (turn_.load(std::memory_order_seq_cst) == seen) help_();
  helping_.store(false, std::memory_order_release);
}

void Watchdog::look_at_fired(std::uint64_t seen) {
  std::int64_t used = read_clock(host_clock_).count() - seen_cpu_.load(std::memory_order_relaxed) -
                      budget_.load(std::memory_order_relaxed);
  if (used < std::chrono::nanoseconds(kGrace).count()) return;
  // The turn can no longer end: end_turn() waits for Fired, which does not come again.
  if (!turn_.compare_exchange_strong(seen, (seen & ~kStateMask) | Firing)) return;
  ::pthread_kill(host_thread_, kParkSignal);
  for (int i = 0; i < 1000 && !g_parked.load(std::memory_order_acquire); ++i) {
    std::this_thread::sleep_for(kTick);
  }
  std::exchange(stuck_, nullptr)();
}

}  // namespace atoll::runtime
