#include "engines/embedded/work_queue.h"

#include <gtest/gtest.h>

#include <atomic>

#include "engines/engines_under_test.h"

namespace atoll::engines {
namespace {

// Holds the worker until opened.
class Gate {
 public:
  void open() { opened_.set_value(); }
  void wait() { future_.wait(); }

 private:
  std::promise<void> opened_;
  std::shared_future<void> future_ = opened_.get_future().share();
};

TEST(WorkQueue, HandsOverInOrderWhatWaitedTogether) {
  Gate gate;
  std::vector<std::vector<int>> batches;
  {
    WorkQueue<int> queue({.max_batch = 3}, [&](std::vector<int>& batch) {
      gate.wait();
      batches.push_back(batch);
    });
    for (int i = 0; i < 8; ++i) ASSERT_TRUE(queue.push(i));
    gate.open();
  }
  std::vector<int> all;
  for (const auto& batch : batches) {
    EXPECT_LE(batch.size(), 3u);
    all.insert(all.end(), batch.begin(), batch.end());
  }
  EXPECT_EQ(all, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_LE(batches.size(), 4u);
}

// A queue whose worker is kept busy with a first item, so that what follows waits.
void with_busy_queue(WorkQueue<int>::Shape shape, std::function<void(WorkQueue<int>&)> look) {
  Gate gate, working;
  std::atomic<int> handled = 0;
  WorkQueue<int> queue(shape, [&](std::vector<int>&) {
    if (handled++ == 0) working.open();
    gate.wait();
  });
  int item = 0;
  ASSERT_TRUE(queue.push(item));
  working.wait();
  look(queue);
  gate.open();
}

TEST(WorkQueue, RefusesMoreItemsThanMayWait) {
  with_busy_queue({.max_waiting = 2}, [](WorkQueue<int>& queue) {
    int item = 1;
    EXPECT_TRUE(queue.push(item));
    EXPECT_TRUE(queue.push(item));
    EXPECT_FALSE(queue.push(item));
  });
}

TEST(WorkQueue, RefusesMoreBytesThanMayWaitUnlessNothingElseDoes) {
  with_busy_queue({.max_waiting_bytes = 100}, [](WorkQueue<int>& queue) {
    int item = 1;
    EXPECT_TRUE(queue.push(item, 60));
    EXPECT_TRUE(queue.push(item, 40));
    EXPECT_FALSE(queue.push(item, 1));
  });
  with_busy_queue({.max_waiting_bytes = 100}, [](WorkQueue<int>& queue) {
    int item = 1;
    EXPECT_TRUE(queue.push(item, 500));
    EXPECT_FALSE(queue.push(item, 1));
  });
}

TEST(WorkQueue, TicksWhileIdleAndWhileBusy) {
  std::atomic<int> ticks = 0;
  std::atomic<bool> stop = false;
  WorkQueue<int> queue({.tick_every = std::chrono::milliseconds(5), .tick = [&] { ++ticks; }},
                       [](std::vector<int>&) {});
  while (ticks < 3) std::this_thread::sleep_for(std::chrono::milliseconds(1));

  std::thread busy([&] {
    for (int i = 0; !stop; ++i) {
      int item = i;
      if (!queue.push(item)) std::this_thread::yield();
    }
  });
  int before = ticks;
  while (ticks < before + 3) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  stop = true;
  busy.join();
}

TEST(JobQueue, HandlesAsManyJobsAtOnceAsItMayHaveThreads) {
  JobQueue jobs(3);
  std::atomic<int> running = 0;
  std::vector<std::thread> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.emplace_back([&] {
      jobs.run_and_wait([&] {
        ++running;
        while (running < 3) std::this_thread::yield();
      });
    });
  }
  for (std::thread& thread : waiting) thread.join();
  EXPECT_EQ(running, 3);
}

TEST(JobQueue, ResumesTheWaitingCoroutineOnItsOwnThread) {
  JobQueue jobs(2);
  Loop loop;
  auto here = std::this_thread::get_id();
  std::thread::id worked_on, resumed_on;
  loop.start(jobs.run([&]() -> Result<int> {
    worked_on = std::this_thread::get_id();
    return 7;
  }),
             [&](Result<int> result) {
               resumed_on = std::this_thread::get_id();
               EXPECT_EQ(*result, 7);
             });
  loop.run_all();
  EXPECT_EQ(resumed_on, here);
  EXPECT_NE(worked_on, here);
}

TEST(JobQueue, DoesNothingUntilAwaited) {
  std::atomic<int> done = 0;
  {
    JobQueue jobs(1);
    auto task = jobs.run([&]() -> Result<int> { return ++done; });
    jobs.run_and_wait([] {});
  }
  EXPECT_EQ(done, 0);
}

}  // namespace
}  // namespace atoll::engines
