#include "sandbox/supervisor/overtaking.h"

#include <gtest/gtest.h>

namespace atoll::sandbox {
namespace {

TEST(Overtaking, MarksReadsOfWhatChangedWhileTheyWereUnderWay) {
  Overtaking reads;
  reads.changed("kv", {"a"});
  Overtaking::Read of_a(reads, "kv", {"a", "b"});
  Overtaking::Read of_c(reads, "kv", {"c"});
  Overtaking::Read elsewhere(reads, "other", {"a"});
  Overtaking::Read of_all(reads, "kv");
  EXPECT_FALSE(of_a.overtaken());
  reads.changed("kv", {"x", "b"});
  EXPECT_TRUE(of_a.overtaken());
  EXPECT_FALSE(of_c.overtaken());
  EXPECT_TRUE(of_all.overtaken());
  reads.changed("kv");
  EXPECT_TRUE(of_c.overtaken());
  EXPECT_FALSE(elsewhere.overtaken());
}

}  // namespace
}  // namespace atoll::sandbox
