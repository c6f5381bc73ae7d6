// A list of system calls as a program that the kernel runs before each of them. Written out by
// hand: the program is short, and a library for it would have to live in the Node process.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace atoll::wall {

// (argument & mask) == value. The kernel sees numbers only: what a pointer points to cannot be
// tested.
struct ArgumentTest {
  unsigned argument = 0;  // 0 … 5
  std::uint64_t mask = ~std::uint64_t{0};
  std::uint64_t value = 0;
};

enum class Verdict : std::uint8_t {
  Allow,
  Absent,  // ENOSYS: the C library has another way
  Kill,    // no part of a host ever asks for it: the process is in strange hands
};

// One way in which a call is allowed; calls may have several rules. Rules of one call stand
// together; frequent calls that test arguments come first.
struct Rule {
  int call = 0;
  Verdict verdict = Verdict::Allow;
  std::vector<ArgumentTest> tests = {};  // all must hold
};

// What no rule allows fails with EPERM; what is made through another architecture's table kills the
// process. At most 250 instructions per call.
std::vector<sock_filter> assemble(std::span<const Rule> rules);

// For every thread of the process, and those it will start. Needs no_new_privs.
Result<void> install(std::span<const sock_filter> program);

}  // namespace atoll::wall
