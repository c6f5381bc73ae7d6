#include "runtime/timer_queue.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>

#include "runtime/scheduler.h"

namespace atoll::runtime {
namespace {

using namespace std::chrono_literals;

TEST(TimerQueue, FiresInOrderOfTimeThenOfStart) {
  boost::asio::io_context loop;
  TimerQueue timers(loop);
  std::string order;
  timers.start(6ms, [&] { order += 'c'; });
  timers.start(2ms, [&] { order += 'a'; });
  timers.start(4ms, [&] { order += 'b'; });
  loop.run();
  EXPECT_EQ(order, "abc");
}

TEST(TimerQueue, ACancelledTimerDoesNotFire) {
  boost::asio::io_context loop;
  TimerQueue timers(loop);
  std::string order;
  auto key = timers.start(1ms, [&] { order += 'x'; });
  TimerQueue::Key later;
  timers.start(2ms, [&] {
    order += 'a';
    timers.cancel(later);
  });
  later = timers.start(3ms, [&] { order += 'y'; });
  timers.cancel(key);
  timers.start(4ms, [&] { order += 'b'; });
  loop.run();
  EXPECT_EQ(order, "ab");
}

TEST(TimerQueue, TimersStartedByACallbackWaitForTheirTurn) {
  boost::asio::io_context loop;
  TimerQueue timers(loop);
  int rounds = 0;
  std::function<void()> again = [&] {
    if (++rounds < 100) timers.start(0ms, [&] { again(); });
  };
  again();
  bool other = false;
  boost::asio::post(loop, [&] { other = rounds < 100; });
  loop.run();
  EXPECT_EQ(rounds, 100);
  EXPECT_TRUE(other);  // the loop was not starved
}

TEST(Scheduler, RunsTasksOneAfterTheOtherNeverOneInsideAnother) {
  boost::asio::io_context loop;
  Scheduler scheduler(loop);
  std::string order;
  scheduler.run([&] {
    scheduler.run([&] { order += 'b'; });
    scheduler.run([&] {
      order += 'c';
      scheduler.run([&] { order += 'd'; });
    });
    order += 'a';
  });
  EXPECT_EQ(order, "abcd");
}

TEST(Scheduler, LetsTheLoopInBetweenManyTasks) {
  boost::asio::io_context loop;
  Scheduler scheduler(loop);
  int ran = 0;
  int when = -1;
  boost::asio::post(loop, [&] {
    boost::asio::post(loop, [&] { when = ran; });
    scheduler.run([&] {
      for (int i = 0; i < 10'000; ++i) scheduler.run([&] { ++ran; });
    });
  });
  loop.run();
  EXPECT_EQ(ran, 10'000);
  EXPECT_GE(when, 0);
  EXPECT_LT(when, 1'000);
}

}  // namespace
}  // namespace atoll::runtime
