#include "sandbox/wall/seccomp_filter.h"

#include <errno.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cstring>

#include "sandbox/wall/layers.h"
#include "sandbox/wall/system_calls.h"

namespace atoll::wall {
namespace {

// The kernel's machine, as far as assemble() uses it.
std::uint32_t run(const std::vector<sock_filter>& program, const seccomp_data& call) {
  std::uint32_t value = 0;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const sock_filter& step = program[at];
    switch (step.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        std::memcpy(&value, reinterpret_cast<const char*>(&call) + step.k, sizeof value);
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        value &= step.k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        at += value == step.k ? step.jt : step.jf;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        at += value >= step.k ? step.jt : step.jf;
        break;
      case BPF_RET | BPF_K:
        return step.k;
      default:
        ADD_FAILURE() << "instruction " << step.code;
        return 0;
    }
  }
  ADD_FAILURE() << "the program ends without an answer";
  return 0;
}

constexpr std::uint32_t kPermitted = SECCOMP_RET_ALLOW;
constexpr std::uint32_t kRefused = SECCOMP_RET_ERRNO | EPERM;

seccomp_data call(int number, std::vector<std::uint64_t> arguments = {}) {
  seccomp_data data{};
  data.nr = number;
  data.arch = AUDIT_ARCH_X86_64;
  std::ranges::copy(arguments, data.args);
  return data;
}

TEST(SeccompFilter, AllowsWhatIsListedAndRefusesTheRest) {
  std::vector<Rule> rules = {{7}, {9, Verdict::Absent}, {11, Verdict::Kill}};
  auto program = assemble(rules);
  EXPECT_EQ(run(program, call(7)), kPermitted);
  EXPECT_EQ(run(program, call(8)), kRefused);
  EXPECT_EQ(run(program, call(9)), SECCOMP_RET_ERRNO | ENOSYS);
  EXPECT_EQ(run(program, call(11)), SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(run(program, call(0x40000007)), SECCOMP_RET_KILL_PROCESS);
  auto other = call(7);
  other.arch = AUDIT_ARCH_I386;
  EXPECT_EQ(run(program, other), SECCOMP_RET_KILL_PROCESS);
}

TEST(SeccompFilter, TestsBothHalvesOfAnArgumentAndTriesEveryRuleOfACall) {
  constexpr std::uint64_t kHigh = 5ull << 32 | 3;
  std::vector<Rule> rules = {{7, Verdict::Allow, {{0, ~0ull, kHigh}, {5, 0xF0, 0x10}}},
                             {7, Verdict::Allow, {{1, 0xFFFFFFFF, 2}}}};
  auto program = assemble(rules);
  EXPECT_EQ(run(program, call(7, {kHigh, 0, 0, 0, 0, 0x1F})), kPermitted);
  EXPECT_EQ(run(program, call(7, {3, 0, 0, 0, 0, 0x1F})), kRefused);
  EXPECT_EQ(run(program, call(7, {kHigh, 0, 0, 0, 0, 0x2F})), kRefused);
  EXPECT_EQ(run(program, call(7, {0, 1ull << 40 | 2})), kPermitted);
}

TEST(HostSystemCalls, FitsTheKernelAndNamesEachCallOnce) {
  std::vector<Rule> rules = host_system_calls(42);
  EXPECT_LT(assemble(rules).size(), 4096u);
  std::vector<int> ended;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (i > 0 && rules[i].call == rules[i - 1].call) continue;
    EXPECT_EQ(std::ranges::count(ended, rules[i].call), 0) << rules[i].call;
    ended.push_back(rules[i].call);
  }
}

TEST(HostSystemCalls, PermitsThreadsMemoryAndSignalsOfItsOwnOnly) {
  auto program = assemble(host_system_calls(42));
  constexpr std::uint64_t kThread = 0x3d0f00;
  EXPECT_EQ(run(program, call(SYS_clone, {kThread})), kPermitted);
  EXPECT_EQ(run(program, call(SYS_clone, {SIGCHLD})), kRefused);
  EXPECT_EQ(run(program, call(SYS_clone, {kThread | 0x10000000})), kRefused);  // a namespace
  EXPECT_EQ(run(program, call(SYS_mmap, {0, 4096, 7, 0x22})), kPermitted);
  EXPECT_EQ(run(program, call(SYS_mmap, {0, 4096, 1, 2, 5})), kPermitted);
  EXPECT_EQ(run(program, call(SYS_mmap, {0, 4096, 5, 2, 5})), kRefused);
  EXPECT_EQ(run(program, call(SYS_tgkill, {42, 43, 6})), kPermitted);
  EXPECT_EQ(run(program, call(SYS_tgkill, {41, 43, 6})), kRefused);
  EXPECT_EQ(run(program, call(SYS_sendto, {3, 0, 1, 0x4000, 0, 0})), kPermitted);
  EXPECT_EQ(run(program, call(SYS_sendto, {3, 0, 1, 0x20004000, 0, 0})), kRefused);
  EXPECT_EQ(run(program, call(SYS_sendto, {3, 0, 1, 0, 0x7f0000000000})), kRefused);
  EXPECT_EQ(run(program, call(SYS_openat)), kRefused);
  EXPECT_EQ(run(program, call(SYS_socket)), kRefused);
  EXPECT_EQ(run(program, call(SYS_execve)), SECCOMP_RET_KILL_PROCESS);
}

TEST(Layers, NamesThemInOrderAndKnowsTheRequiredOnes) {
  Layers layers;
  EXPECT_EQ(layers.names(), "none");
  layers.add(Layer::Seccomp);
  layers.add(Layer::NoNewPrivileges);
  EXPECT_FALSE(layers.has_required());
  layers.add(Layer::Landlock);
  EXPECT_TRUE(layers.has_required());
  EXPECT_EQ(layers.names(), "no_new_privileges landlock seccomp");
  EXPECT_EQ(Layers(~0u).bits(), (1u << kLayerCount) - 1);
}

}  // namespace
}  // namespace atoll::wall
