#include "sandbox/supervisor/quarantine.h"

#include <gtest/gtest.h>

namespace atoll::sandbox {
namespace {

using std::chrono::milliseconds;

const scripts::Scope kScope{"acc", "ns"};

TEST(Quarantine, ForgivesTheFirstDeathAndHoldsTwiceAsLongWithEachFurther) {
  Quarantine quarantine({});
  SteadyTime now;
  auto held = [&] { return quarantine.held_for(kScope, "bomb", now); };
  EXPECT_EQ(held(), milliseconds(0));
  quarantine.blame(kScope, "bomb", "stuck", "r1", now);
  EXPECT_EQ(held(), milliseconds(0));
  quarantine.blame(kScope, "bomb", "stuck", "r2", now);
  EXPECT_EQ(held(), milliseconds(2'000));
  EXPECT_EQ(quarantine.held_for(kScope, "neighbour", now), milliseconds(0));
  EXPECT_EQ(quarantine.held_for({"acc", ""}, "bomb", now), milliseconds(0));
  now += milliseconds(2'000);
  EXPECT_EQ(held(), milliseconds(0));
  quarantine.blame(kScope, "bomb", "stuck", "r3", now);
  EXPECT_EQ(held(), milliseconds(4'000));
  for (int i = 0; i < 40; ++i) quarantine.blame(kScope, "bomb", "stuck", "", now);
  EXPECT_EQ(held(), milliseconds(300'000));
  ASSERT_EQ(quarantine.list("acc").size(), 1u);
  EXPECT_EQ(quarantine.list("other").size(), 0u);
  EXPECT_TRUE(quarantine.release(kScope, "bomb"));
  EXPECT_FALSE(quarantine.release(kScope, "bomb"));
  EXPECT_EQ(held(), milliseconds(0));
}

TEST(Quarantine, ForgetsAfterAWhileAndRemembersABoundedNumber) {
  Quarantine quarantine({.max_scripts = 2});
  SteadyTime now;
  quarantine.blame(kScope, "a", "x", "", now);
  quarantine.blame(kScope, "b", "x", "", now += milliseconds(1));
  quarantine.blame(kScope, "c", "x", "", now += milliseconds(1));
  ASSERT_EQ(quarantine.list("acc").size(), 2u);
  EXPECT_EQ(quarantine.list("acc")[0].script, "b");
  now += milliseconds(700'000);
  quarantine.blame(kScope, "a", "x", "", now);
  EXPECT_EQ(quarantine.list("acc").size(), 1u);
  EXPECT_EQ(quarantine.held_for(kScope, "a", now), milliseconds(0));
}

}  // namespace
}  // namespace atoll::sandbox
