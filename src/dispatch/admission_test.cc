// Which calls of a script are let in, and what the others are told.
#include "dispatch/admission.h"

#include <gtest/gtest.h>

namespace atoll::dispatch {
namespace {

using namespace std::chrono_literals;
using Limit = Admission::Limit;

const Admission::Clock::time_point kStart{100s};

TEST(Admission, LetsInAsManyAtOnceAsTheLimitSays) {
  Admission admission;
  border::AdmissionLimits limits{.concurrency = 3, .queue = 0, .rate = 0};
  EXPECT_FALSE(admission.admit(limits, 2, 0, kStart));
  auto refused = admission.admit(limits, 3, 0, kStart);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->limit, Limit::Concurrency);
  EXPECT_EQ(refused->value, 3u);
  EXPECT_EQ(refused->retry_after_seconds, 1u);
}

TEST(Admission, RefusesWhenTooManyTurnsWait) {
  Admission admission;
  border::AdmissionLimits limits{.concurrency = 0, .queue = 5, .rate = 0};
  EXPECT_FALSE(admission.admit(limits, 1'000'000, 4, kStart));
  EXPECT_EQ(admission.admit(limits, 0, 5, kStart)->limit, Limit::Queue);
}

TEST(Admission, ZeroIsNoLimit) {
  Admission admission;
  border::AdmissionLimits limits{.concurrency = 0, .queue = 0, .rate = 0};
  EXPECT_FALSE(admission.admit(limits, 1'000'000, 1'000'000, kStart));
}

TEST(Admission, LetsOneSecondsWorthComeAtOnceAndThenTheRate) {
  Admission admission;
  border::AdmissionLimits limits{.concurrency = 0, .queue = 0, .rate = 10};
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(admission.admit(limits, 0, 0, kStart)) << i;
  auto refused = admission.admit(limits, 0, 0, kStart);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->limit, Limit::Rate);
  EXPECT_EQ(refused->retry_after_seconds, 1u);

  EXPECT_TRUE(admission.admit(limits, 0, 0, kStart + 99ms));
  EXPECT_FALSE(admission.admit(limits, 0, 0, kStart + 100ms));
  EXPECT_TRUE(admission.admit(limits, 0, 0, kStart + 100ms));

  // What was not used does not pile up beyond the second.
  int admitted = 0;
  for (int i = 0; i < 100; ++i) admitted += admission.admit(limits, 0, 0, kStart + 1h) ? 0 : 1;
  EXPECT_EQ(admitted, 10);
}

TEST(Admission, CountsWhomItRefusedOnceASecond) {
  Admission admission;
  border::AdmissionLimits limits{.concurrency = 1, .queue = 0, .rate = 0};
  EXPECT_FALSE(admission.has_refused());
  (void)admission.admit(limits, 1, 0, kStart);
  EXPECT_TRUE(admission.has_refused());
  EXPECT_EQ(admission.take_refused(Limit::Concurrency, kStart), 1u);
  EXPECT_FALSE(admission.has_refused());
  for (int i = 0; i < 5; ++i) (void)admission.admit(limits, 1, 0, kStart);
  EXPECT_EQ(admission.take_refused(Limit::Concurrency, kStart + 500ms), 0u);
  EXPECT_EQ(admission.take_refused(Limit::Rate, kStart + 1s), 0u);
  EXPECT_EQ(admission.take_refused(Limit::Concurrency, kStart + 1s), 5u);
  (void)admission.admit(limits, 1, 0, kStart);
  EXPECT_EQ(admission.take_refused(Limit::Concurrency, kStart + 1s, true), 1u);
}

TEST(Admission, NamesTheLimitToTheCaller) {
  runtime::Failure user = refusal_failure({Limit::Concurrency, 7, 1}, true);
  EXPECT_EQ(user.message, "Worker exceeded limits.concurrency: 7 requests at once.");
  EXPECT_EQ(user.outcome, runtime::Outcome::LoadShed);
  EXPECT_EQ(user.retry_after_seconds, 1u);
  runtime::Failure account = refusal_failure({Limit::Rate, 50, 2}, false);
  EXPECT_EQ(account.message, "Worker exceeded limits.account_rate: 50 requests a second.");
  EXPECT_EQ(account.retry_after_seconds, 2u);
}

}  // namespace
}  // namespace atoll::dispatch
