#include "runtime/scheduler.h"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace atoll::runtime {
namespace {

// After so many queued tasks, or so much time, the loop gets a chance to accept, read and time out.
constexpr int kTasksPerRound = 256;
constexpr std::chrono::milliseconds kRound{1};
constexpr std::chrono::milliseconds kWindow{250};
constexpr std::int64_t kLongestTurnUs = 1'000'000'000;
constexpr std::int64_t kMeanOver = 8;
constexpr std::size_t kCrowd = 8;
constexpr int kLinesLookedAt = 16;
// A line that was long once gives back its memory.
constexpr std::size_t kKeepCapacity = 256;

}  // namespace

Scheduler::Line::~Line() {
  if (!is_listed_) return;
  scheduler_.forget(*this);
  while (waiting() > 0) scheduler_.own_.tasks_.push_back({take(), scheduler_.now_});
}

Scheduler::Task Scheduler::Line::take() {
  Task task = std::move(tasks_[next_++].task);
  if (next_ == tasks_.size()) {
    tasks_.clear();
    next_ = 0;
    if (tasks_.capacity() > kKeepCapacity) tasks_ = std::vector<Waiting>();
  } else if (next_ >= kKeepCapacity && next_ * 2 > tasks_.size()) {
    // One that never gets empty must not keep what it has been.
    tasks_.erase(tasks_.begin(), tasks_.begin() + static_cast<std::ptrdiff_t>(next_));
    next_ = 0;
  }
  return task;
}

void Scheduler::run(Line& line, Task task) {
  if (running_) return add(line, std::move(task));
  running_ = true;
  task();
  drain();
}

void Scheduler::later(Line& line, Task task) {
  add(line, std::move(task));
  if (running_) return;
  running_ = true;
  boost::asio::post(loop_, [this] { drain(); });
}

void Scheduler::add(Line& line, Task task) {
  line.tasks_.push_back({std::move(task), now_});
  if (!line.is_listed_ && &line != &own_) append(line);
}

void Scheduler::append(Line& line) {
  line.is_listed_ = true;
  line.behind_ = nullptr;
  (last_ == nullptr ? first_ : last_->behind_) = &line;
  last_ = &line;
}

void Scheduler::forget(Line& line) {
  Line* before = nullptr;
  for (Line* one = first_; one != &line; one = one->behind_) before = one;
  (before == nullptr ? first_ : before->behind_) = line.behind_;
  if (last_ == &line) last_ = before;
  line.is_listed_ = false;
}

// There must be somebody who waits.
Scheduler::Task Scheduler::take() {
  if (own_.waiting() > 0) return own_.take();
  Line& line = *first_;
  first_ = line.behind_;
  if (first_ == nullptr) last_ = nullptr;
  line.is_listed_ = false;
  Task task = line.take();
  if (line.waiting() > 0) append(line);
  return task;
}

void Scheduler::charge(Line& line, std::chrono::nanoseconds used) {
  if (now_ - window_began_ >= kWindow) open_window();
  auto window = static_cast<std::uint32_t>(window_);
  if (line.window_ != window) {
    line.used_ >>= std::min<std::uint32_t>(window - line.window_, 63);
    line.window_ = window;
  }
  std::int64_t us = std::min<std::int64_t>(used.count() / 1000, kLongestTurnUs);
  line.mean_us_ = static_cast<std::uint32_t>(line.mean_us_ + (us - line.mean_us_) / kMeanOver);
  line.used_ += static_cast<std::uint64_t>(used.count());
  heaviest_ = std::max(heaviest_, line.used_);
}

void Scheduler::open_window() {
  auto passed = static_cast<std::uint64_t>((now_ - window_began_) / kWindow);
  window_ += passed;
  window_began_ += passed * kWindow;
  heaviest_ >>= std::min<std::uint64_t>(passed, 63);
}

bool Scheduler::has_no_time_for(const Line& line) const {
  if (longest_wait_ == Duration::zero() || !is_heavy(line)) return false;
  if (waits_[0].too_long(now_) || waits_[1].too_long(now_)) return true;
  auto will_wait = std::chrono::microseconds(line.mean_us_) * line.waiting();
  if (line.waiting() >= kCrowd && will_wait >= longest_wait_) return true;
  // Behind one long turn a few wait long, too.
  auto waits_too_long = [this](const Line& one) {
    return one.waiting() >= kCrowd && now_ - one.tasks_[one.next_].since >= longest_wait_;
  };
  if (waits_too_long(own_)) return true;
  int looked_at = 0;
  for (const Line* one = first_; one != nullptr && looked_at < kLinesLookedAt; ++looked_at) {
    if (waits_too_long(*one)) return true;
    one = one->behind_;
  }
  return false;
}

bool Scheduler::is_heavy(const Line& line) const {
  auto window = static_cast<std::uint32_t>(window_);
  std::uint64_t used = line.used_ >> std::min<std::uint32_t>(window - line.window_, 63);
  return used > 0 && used >= heaviest_ / 2;
}

void Scheduler::drain() {
  Time began = now_;
  for (int ran = 0;; ++ran) {
    if (own_.waiting() == 0 && first_ == nullptr) break;
    if (ran == kTasksPerRound || now_ - began > kRound) {
      // Still `running_`: newcomers line up behind what is queued.
      boost::asio::post(loop_, [this] { drain(); });
      return;
    }
    take()();
  }
  running_ = false;
}

}  // namespace atoll::runtime
