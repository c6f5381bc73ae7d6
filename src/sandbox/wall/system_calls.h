// The system calls that an isolate host may make once it runs tenant code.
#pragma once

#include <vector>

#include "sandbox/wall/seccomp_filter.h"

namespace atoll::wall {

// `self`: the process id that the caller sees as its own.
std::vector<Rule> host_system_calls(int self);

}  // namespace atoll::wall
