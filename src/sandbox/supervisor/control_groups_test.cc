// Against a folder that looks like a control group: what is written where.
#include "sandbox/supervisor/control_groups.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace atoll::sandbox {
namespace {

class ControlGroupsTest : public testing::Test {
 protected:
  ControlGroupsTest() {
    folder_ = testing::TempDir() + "atoll-groups-XXXXXX";
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
  }
  ~ControlGroupsTest() override { std::filesystem::remove_all(folder_); }

  void put(const std::string& file, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(folder_ + "/" + file).parent_path());
    std::ofstream(folder_ + "/" + file) << text;
  }
  std::string get(const std::string& file) {
    std::ifstream in(folder_ + "/" + file);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }

  std::string folder_;
};

TEST_F(ControlGroupsTest, WithoutControllersThereAreNone) {
  put("cgroup.controllers", "hugetlb cpuset\n");
  put("cgroup.subtree_control", "");
  auto made = ControlGroups::make(folder_, 0);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind(), ErrorKind::Denied);
}

TEST_F(ControlGroupsTest, AHostsGroupHasItsLimits) {
  put("cgroup.controllers", "cpuset cpu io memory pids\n");
  put("cgroup.subtree_control", "");
  put("supervisor/cgroup.procs", "");
  auto groups = ControlGroups::make(folder_, 4711);
  ASSERT_TRUE(groups) << groups.error().message();
  EXPECT_EQ(get("supervisor/cgroup.procs"), "4711");
  for (const char* file : {"cgroup.procs", "memory.max", "cpu.weight", "pids.max"}) {
    put(std::string("host-3/") + file, "");
  }
  ASSERT_TRUE(groups->put("host-3", 4712, {1u << 30, 10, 64}));
  EXPECT_EQ(get("host-3/cgroup.procs"), "4712");
  EXPECT_EQ(get("host-3/memory.max"), "1073741824");
  EXPECT_EQ(get("host-3/cpu.weight"), "10");
  EXPECT_EQ(get("host-3/pids.max"), "64");
  EXPECT_FALSE(groups->put("host-4", 4713, {}));  // the kernel made no files there
}

}  // namespace
}  // namespace atoll::sandbox
