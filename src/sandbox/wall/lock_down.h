// How a process gives up what tenant code could abuse, in two steps: before it starts its first
// thread, because most rights belong to threads and are handed down; and once it has all it needs.
#pragma once

#include "base/result.h"
#include "sandbox/wall/layers.h"

namespace atoll::wall {

// No new privileges, own user and namespaces, no capabilities, limits, no files. What is open
// stays open. Errors: a required layer is not to be had. One thread only.
Result<Layers> leave_the_machine();

// Closes every descriptor above `last_descriptor`. From then on only the listed system calls are
// made, by any thread. Errors: the kernel has no seccomp.
Result<Layers> lock_system_calls(int last_descriptor);

// Errors: this kernel lacks a required layer; the message names it.
Result<void> check_required_layers();

// What this kernel lets a process reach; tried on a child that ends at once. For people's eyes and
// for refusing to start. Call before there are threads.
Layers try_all_layers();

}  // namespace atoll::wall
