// A user and namespaces of its own for the calling process.
#pragma once

#include "sandbox/wall/layers.h"

namespace atoll::wall {

// When root: becomes a user that nobody else is, keeping its capabilities for now. Then leaves the
// user, mount, network, IPC, host name and control group namespaces, as far as the kernel permits,
// and ends up in an empty root. Returns what was reached. One thread only.
Layers leave_namespaces();

// Gives up every capability, now and for good. False when some could not be dropped.
bool drop_capabilities();

}  // namespace atoll::wall
