// Threads that take jobs in order, several at once where that is cheaper (group commit), and the
// way back to the coroutine that waits for a job's result.
#pragma once

#include <signal.h>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "async/task.h"
#include "base/check.h"
#include "base/result.h"

namespace atoll::engines {

// Resumes one waiting coroutine, on the executor it waits on, with a T. Must be given exactly once,
// from any thread.
template <typename T>
class Answer {
 public:
  template <typename Handler>
  explicit Answer(Handler handler) {
    auto executor = asio::prefer(asio::get_associated_executor(handler),
                                 asio::execution::outstanding_work.tracked);
    deliver_ = [executor, handler = std::move(handler)](T value) mutable {
      asio::post(executor, [handler = std::move(handler), value = std::move(value)]() mutable {
        handler(std::move(value));
      });
    };
  }
  Answer(Answer&&) = default;
  Answer& operator=(Answer&&) = default;
  ~Answer() { CHECK(!deliver_); }

  void give(T value) { std::exchange(deliver_, nullptr)(std::move(value)); }

 private:
  std::move_only_function<void(T)> deliver_;
};

// Waits for the T that `start(Answer<T>)` arranges to be given.
template <typename T, typename Start>
Task<T> answered(Start start) {
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(T)>(
      [](auto handler, Start start) { start(Answer<T>(std::move(handler))); }, asio::use_awaitable,
      std::move(start));
}

template <typename Item>
class WorkQueue {
 public:
  struct Shape {
    unsigned threads = 1;
    std::size_t max_batch = 1;
    std::size_t max_waiting = 100'000;         // items; push() refuses more
    std::size_t max_waiting_bytes = SIZE_MAX;  // likewise, unless nothing else waits
    std::chrono::milliseconds tick_every{0};   // 0: never
    std::function<void()> tick = nullptr;      // on the worker's thread, between batches
  };
  using Handle = std::function<void(std::vector<Item>&)>;

  // `handle` gets at least one and at most max_batch items, in the order they were pushed.
  WorkQueue(Shape shape, Handle handle) : shape_(std::move(shape)), handle_(std::move(handle)) {
    if (shape_.tick_every.count() != 0) CHECK(start_thread());
  }

  // Handles everything that was pushed, then ends the threads.
  ~WorkQueue() {
    {
      std::lock_guard lock(mutex_);
      closing_ = true;
    }
    ready_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  // From any thread. False when too much waits, or when the system has no thread to give; the item
  // is left as it was.
  [[nodiscard]] bool push(Item& item, std::size_t bytes = 0) {
    {
      std::lock_guard lock(mutex_);
      bool too_many = waiting_.size() >= shape_.max_waiting;
      bool too_large = waiting_bytes_ > shape_.max_waiting_bytes ||
                       bytes > shape_.max_waiting_bytes - waiting_bytes_;
      if (too_many || (too_large && !waiting_.empty())) return false;
      bool all_busy = idle_ <= waiting_.size() && threads_.size() < shape_.threads;
      if (all_busy && !start_thread() && threads_.empty()) return false;
      waiting_.push_back({std::move(item), bytes});
      waiting_bytes_ += bytes;
    }
    ready_.notify_one();
    return true;
  }

 private:
  struct Waiting {
    Item item;
    std::size_t bytes = 0;
  };

  // Threads are started when they are needed: most platforms need few, and start sooner for it.
  bool start_thread() {
    // Signals belong to the main thread: workers inherit a full mask.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = true;
    try {
      threads_.emplace_back([this] { run(); });
      ++idle_;
    } catch (const std::system_error&) {
      started = false;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return started;
  }

  void run() {
    std::vector<Item> batch;
    auto next_tick = std::chrono::steady_clock::now() + shape_.tick_every;
    std::unique_lock lock(mutex_);
    while (true) {
      auto something = [this] { return closing_ || !waiting_.empty(); };
      if (shape_.tick_every.count() == 0) {
        ready_.wait(lock, something);
      } else if (!ready_.wait_until(lock, next_tick, something) ||
                 std::chrono::steady_clock::now() >= next_tick) {
        lock.unlock();
        shape_.tick();
        next_tick = std::chrono::steady_clock::now() + shape_.tick_every;
        lock.lock();
      }
      if (waiting_.empty()) {
        if (closing_) return;
        continue;
      }
      while (!waiting_.empty() && batch.size() < shape_.max_batch) {
        batch.push_back(std::move(waiting_.front().item));
        waiting_bytes_ -= waiting_.front().bytes;
        waiting_.pop_front();
      }
      --idle_;
      lock.unlock();
      handle_(batch);
      batch.clear();
      lock.lock();
      ++idle_;
    }
  }

  const Shape shape_;
  const Handle handle_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool closing_ = false;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;  // threads that handle nothing, or are about to begin
};

// A WorkQueue of plain functions.
class JobQueue {
 public:
  using Job = std::move_only_function<void()>;

  explicit JobQueue(unsigned threads)
      : queue_({.threads = threads}, [](std::vector<Job>& jobs) {
          for (Job& job : jobs) job();
        }) {}

  // Runs `work` (which may block, and returns a Result) on a worker and resumes the caller with
  // what it returned.
  template <typename Work>
  Task<std::invoke_result_t<Work&>> run(Work work) {
    using T = std::invoke_result_t<Work&>;
    return answered<T>([this, work = std::move(work)](Answer<T> answer) mutable {
      auto shared = std::make_shared<Answer<T>>(std::move(answer));
      Job job = [shared, work = std::move(work)]() mutable { shared->give(work()); };
      if (!queue_.push(job)) {
        shared->give(fail(Error(ErrorKind::Unavailable, "too many storage operations wait")));
      }
    });
  }

  // Runs `work` on a worker and blocks until it is done. Never from one of this queue's workers.
  void run_and_wait(std::function<void()> work) {
    std::promise<void> done;
    Job job = [&] {
      work();
      done.set_value();
    };
    if (queue_.push(job)) {
      done.get_future().wait();
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      run_and_wait(std::move(work));
    }
  }

 private:
  WorkQueue<Job> queue_;
};

}  // namespace atoll::engines
