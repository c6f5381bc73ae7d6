#include "sandbox/supervisor/busy_scripts.h"

#include <gtest/gtest.h>

namespace atoll::sandbox {
namespace {

using namespace std::chrono_literals;

const scripts::Scope kScope{"acc", "ns"};

TEST(BusyScripts, AShareOfACoreOverTheWindowMakesAScriptBusyOnce) {
  BusyScripts busy({.busy_percent = 20, .window = 3'000ms});
  SteadyTime now;
  EXPECT_FALSE(busy.report(kScope, "user", 500ms, now));
  EXPECT_FALSE(busy.is_busy(kScope, "user"));
  EXPECT_TRUE(busy.report(kScope, "user", 500ms, now += 1s));
  EXPECT_TRUE(busy.is_busy(kScope, "user"));
  EXPECT_FALSE(busy.is_busy({"acc", ""}, "user"));
  EXPECT_FALSE(busy.report(kScope, "user", 1'000ms, now += 1s));  // no news
  ASSERT_EQ(busy.list("acc", now).size(), 1u);
  EXPECT_TRUE(busy.list("other", now).empty());
}

TEST(BusyScripts, ASteadyLittleIsNoReason) {
  BusyScripts busy({.busy_percent = 20, .window = 3'000ms});
  SteadyTime now;
  for (int second = 0; second < 600; ++second) {
    EXPECT_FALSE(busy.report(kScope, "user", 150ms, now += 1s)) << second;
  }
}

TEST(BusyScripts, MovesBackAfterACalmWhileOnly) {
  BusyScripts busy({.busy_percent = 20, .calm_percent = 5, .window = 3'000ms, .calm_for = 30s});
  SteadyTime now;
  ASSERT_TRUE(busy.report(kScope, "user", 3'000ms, now));
  EXPECT_TRUE(busy.calm_down(now += 20s).empty());
  EXPECT_FALSE(busy.report(kScope, "user", 1'000ms, now));  // lively again
  EXPECT_TRUE(busy.calm_down(now += 25s).empty());
  auto calm = busy.calm_down(now += 10s);
  ASSERT_EQ(calm.size(), 1u);
  EXPECT_EQ(calm[0].script, "user");
  EXPECT_FALSE(busy.is_busy(kScope, "user"));
}

TEST(BusyScripts, OneReportCountsForNoMoreThanTheWindow) {
  BusyScripts busy({.busy_percent = 20, .window = 3'000ms, .calm_for = 1s});
  SteadyTime now;
  ASSERT_TRUE(busy.report(kScope, "user", std::chrono::hours(24), now));
  EXPECT_EQ(busy.calm_down(now += 20s).size(), 1u);
}

TEST(BusyScripts, ZeroPercentMovesNobody) {
  BusyScripts busy({.busy_percent = 0});
  EXPECT_FALSE(busy.report(kScope, "user", 3'000ms, SteadyTime()));
}

TEST(BusyScripts, RemembersABoundedNumber) {
  BusyScripts busy({.max_scripts = 3});
  SteadyTime now;
  for (char name = 'a'; name < 'z'; ++name) {
    busy.report(kScope, std::string(1, name), 3'000ms, now += 1ms);
  }
  EXPECT_EQ(busy.list("acc", now).size(), 3u);
}

}  // namespace
}  // namespace atoll::sandbox
