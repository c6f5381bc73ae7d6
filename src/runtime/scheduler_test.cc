// Whose turn is next, and when there is too much to do.
#include "runtime/scheduler.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <string>

namespace atoll::runtime {
namespace {

using namespace std::chrono_literals;

class Turns : public testing::Test {
 protected:
  Scheduler::Task note(char name) {
    return [this, name] { order_ += name; };
  }

  boost::asio::io_context loop_;
  Scheduler scheduler_{loop_};
  std::string order_;
};

TEST_F(Turns, OfAScriptWithAThousandWaitingDelayAnotherByOne) {
  Scheduler::Line many(scheduler_);
  Scheduler::Line single(scheduler_);
  scheduler_.run([&] {
    for (int i = 0; i < 1000; ++i) scheduler_.run(many, note('m'));
    scheduler_.run(single, note('s'));
    EXPECT_EQ(many.waiting(), 1000u);
    EXPECT_EQ(single.waiting(), 1u);
  });
  loop_.run();
  EXPECT_EQ(order_.size(), 1001u);
  EXPECT_LE(order_.find('s'), 1u);
}

TEST_F(Turns, OfAScriptThatComesLaterWaitForOneMore) {
  Scheduler::Line many(scheduler_);
  Scheduler::Line single(scheduler_);
  scheduler_.run([&] {
    for (int i = 0; i < 1000; ++i) {
      scheduler_.run(many, [&, i] {
        order_ += 'm';
        if (i == 500) scheduler_.run(single, note('s'));
      });
    }
  });
  loop_.run();
  EXPECT_LE(order_.find('s'), 502u);
}

TEST_F(Turns, OfOneScriptKeepTheirOrder) {
  Scheduler::Line a(scheduler_);
  Scheduler::Line b(scheduler_);
  scheduler_.run([&] {
    for (char name : {'1', '2', '3'}) scheduler_.run(a, note(name));
    for (char name : {'x', 'y', 'z'}) scheduler_.run(b, note(name));
  });
  loop_.run();
  EXPECT_EQ(order_, "1x2y3z");
}

TEST_F(Turns, OfTheHostGoFirst) {
  Scheduler::Line line(scheduler_);
  scheduler_.run([&] {
    scheduler_.run(line, note('1'));
    scheduler_.run(line, note('2'));
    scheduler_.run(note('h'));
  });
  loop_.run();
  EXPECT_EQ(order_, "h12");
}

TEST_F(Turns, OfALineThatGoesRunAllTheSame) {
  auto gone = std::make_unique<Scheduler::Line>(scheduler_);
  auto between = std::make_unique<Scheduler::Line>(scheduler_);
  Scheduler::Line stays(scheduler_);
  scheduler_.run([&] {
    scheduler_.run(stays, note('s'));
    scheduler_.run(*between, note('b'));
    scheduler_.run(*gone, note('g'));
    between.reset();
    gone.reset();
    scheduler_.run(stays, note('t'));
  });
  loop_.run();
  EXPECT_EQ(order_, "bgst");
}

TEST_F(Turns, ThatTakeLongLetTheLoopInBetween) {
  Scheduler::Line line(scheduler_);
  Scheduler::Time now{1s};
  int ran = 0;
  int when = -1;
  scheduler_.run([&] {
    boost::asio::post(loop_, [&] { when = ran; });
    for (int i = 0; i < 50; ++i) {
      scheduler_.run(line, [&] {
        ++ran;
        scheduler_.note_time(now += 500us);
      });
    }
  });
  loop_.run();
  EXPECT_EQ(ran, 50);
  EXPECT_GT(when, 0);
  EXPECT_LT(when, 6);
}

TEST_F(Turns, ThatTookMostMakeAScriptHeavyForAWhile) {
  Scheduler::Line heavy(scheduler_);
  Scheduler::Line light(scheduler_);
  Scheduler::Line idle(scheduler_);
  scheduler_.note_time(Scheduler::Time(10s));
  scheduler_.charge(heavy, 100ms);
  scheduler_.charge(light, 1ms);
  EXPECT_TRUE(scheduler_.is_heavy(heavy));
  EXPECT_FALSE(scheduler_.is_heavy(light));
  EXPECT_FALSE(scheduler_.is_heavy(idle));

  scheduler_.note_time(Scheduler::Time(13s));
  scheduler_.charge(light, 1ms);
  EXPECT_TRUE(scheduler_.is_heavy(light));
  EXPECT_FALSE(scheduler_.is_heavy(heavy));
}

TEST_F(Turns, ThatWaitTooLongTurnTheHeavyScriptAway) {
  Scheduler::Line heavy(scheduler_);
  Scheduler::Line light(scheduler_);
  Scheduler::Time now{10s};
  auto turn = [&](Scheduler::Line& line, std::chrono::milliseconds takes) {
    scheduler_.run(line, [&, takes] {
      scheduler_.note_time(now += takes);
      scheduler_.charge(line, takes);
    });
  };
  scheduler_.set_longest_wait(100ms);
  scheduler_.note_time(now);
  scheduler_.run([&] {
    for (int i = 0; i < 20; ++i) turn(heavy, 10ms);
    for (int i = 0; i < 20; ++i) turn(light, 0ms);
  });
  EXPECT_FALSE(scheduler_.has_no_time_for(heavy));  // nothing is known of its turns yet
  while (heavy.waiting() > 9) loop_.run_one();
  EXPECT_TRUE(scheduler_.has_no_time_for(heavy));
  EXPECT_FALSE(scheduler_.has_no_time_for(light));
  loop_.run();
  EXPECT_FALSE(scheduler_.has_no_time_for(heavy));
}

TEST_F(Turns, ThatWillWaitTooLongTurnTheHeavyScriptAway) {
  Scheduler::Line heavy(scheduler_);
  scheduler_.set_longest_wait(100ms);
  scheduler_.note_time(Scheduler::Time(10s));
  for (int i = 0; i < 50; ++i) scheduler_.charge(heavy, 5ms);
  scheduler_.run([&] {
    for (int i = 0; i < 15; ++i) scheduler_.run(heavy, note('t'));
    EXPECT_FALSE(scheduler_.has_no_time_for(heavy));
    for (int i = 0; i < 10; ++i) scheduler_.run(heavy, note('t'));
    EXPECT_TRUE(scheduler_.has_no_time_for(heavy));
  });
}

TEST(QueueDelay, IsTooLongOnlyWhenItStaysSo) {
  QueueDelay delay;
  delay.set_limit(100ms);
  QueueDelay::Time now{10s};
  auto observe = [&](std::chrono::milliseconds passed, std::chrono::milliseconds waited) {
    now += passed;
    delay.observe(now, waited);
    return delay.too_long(now);
  };
  EXPECT_FALSE(observe(0ms, 5ms));
  EXPECT_FALSE(observe(10ms, 900ms));  // behind one long turn
  EXPECT_FALSE(observe(1ms, 900ms));
  EXPECT_FALSE(observe(50ms, 10ms));
  EXPECT_TRUE(observe(60ms, 110ms));  // again, and not for the first time
  EXPECT_FALSE(observe(1ms, 20ms));   // this one has not waited
  EXPECT_TRUE(observe(100ms, 100ms));
  EXPECT_FALSE(delay.too_long(now + 1s));
  EXPECT_FALSE(observe(500ms, 1ms));
  EXPECT_FALSE(observe(1ms, 300ms));  // forgotten
}

TEST(QueueDelay, WithoutALimitIsNeverTooLong) {
  QueueDelay delay;
  QueueDelay::Time now{10s};
  for (int i = 0; i < 10; ++i) delay.observe(now += 1s, 1h);
  EXPECT_FALSE(delay.too_long(now));
}

}  // namespace
}  // namespace atoll::runtime
