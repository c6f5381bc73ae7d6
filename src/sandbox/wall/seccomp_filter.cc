#include "sandbox/wall/seccomp_filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/check.h"

#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000U
#endif

namespace atoll::wall {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#endif

constexpr std::uint32_t kOtherTable = 0x40000000;  // x32's calls on x86-64

sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
sock_filter answer(std::uint32_t value) { return BPF_STMT(BPF_RET | BPF_K, value); }
sock_filter jump_if(std::uint16_t how, std::uint32_t value, std::size_t yes, std::size_t no) {
  CHECK(yes < 256 && no < 256);
  return BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | how | BPF_K), value,
                  static_cast<std::uint8_t>(yes), static_cast<std::uint8_t>(no));
}

std::uint32_t answer_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Allow:
      return SECCOMP_RET_ALLOW;
    case Verdict::Absent:
      return SECCOMP_RET_ERRNO | ENOSYS;
    case Verdict::Kill:
      break;
  }
  return SECCOMP_RET_KILL_PROCESS;
}

constexpr std::uint32_t kRefused = SECCOMP_RET_ERRNO | EPERM;

// One half of an argument; a jump past the rule is filled in by add_rule.
void add_half(std::vector<sock_filter>& out, std::vector<std::size_t>& exits, std::size_t offset,
              std::uint32_t mask, std::uint32_t value) {
  if (mask == 0) return;
  out.push_back(load(offset));
  if (mask != ~0u) out.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
  exits.push_back(out.size());
  out.push_back(jump_if(BPF_JEQ, value, 0, 0));
}

void add_rule(std::vector<sock_filter>& out, const Rule& rule) {
  std::vector<std::size_t> exits;
  for (const ArgumentTest& test : rule.tests) {
    std::size_t low = offsetof(seccomp_data, args) + test.argument * sizeof(std::uint64_t);
    add_half(out, exits, low + 4, static_cast<std::uint32_t>(test.mask >> 32),
             static_cast<std::uint32_t>(test.value >> 32));
    add_half(out, exits, low, static_cast<std::uint32_t>(test.mask),
             static_cast<std::uint32_t>(test.value));
  }
  out.push_back(answer(answer_of(rule.verdict)));
  for (std::size_t at : exits) {
    std::size_t distance = out.size() - at - 1;
    CHECK(distance < 256);
    out[at].jf = static_cast<std::uint8_t>(distance);
  }
}

}  // namespace

std::vector<sock_filter> assemble(std::span<const Rule> rules) {
  std::vector<sock_filter> program;
  program.push_back(load(offsetof(seccomp_data, arch)));
  program.push_back(jump_if(BPF_JEQ, kArchitecture, 1, 0));
  program.push_back(answer(SECCOMP_RET_KILL_PROCESS));
  program.push_back(load(offsetof(seccomp_data, nr)));
  program.push_back(jump_if(BPF_JGE, kOtherTable, 0, 1));
  program.push_back(answer(SECCOMP_RET_KILL_PROCESS));
  for (std::size_t i = 0; i < rules.size();) {
    int call = rules[i].call;
    std::vector<sock_filter> group;
    for (; i < rules.size() && rules[i].call == call; ++i) add_rule(group, rules[i]);
    group.push_back(answer(kRefused));
    program.push_back(jump_if(BPF_JEQ, static_cast<std::uint32_t>(call), 0, group.size()));
    program.insert(program.end(), group.begin(), group.end());
  }
  program.push_back(answer(kRefused));
  return program;
}

Result<void> install(std::span<const sock_filter> program) {
  sock_fprog whole{static_cast<unsigned short>(program.size()),
                   const_cast<sock_filter*>(program.data())};
  long failed = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &whole);
  if (failed < 0) return fail(errno_error("limiting system calls", errno));
  if (failed > 0) return fail(internal_error("a thread escapes the limit on system calls"));
  return {};
}

}  // namespace atoll::wall
