// Landlock with an empty list of what is allowed.
#pragma once

#include "base/result.h"

namespace atoll::wall {

// The kernel's version of Landlock; 0: it has none, or it is switched off.
int landlock_version();

// From now on the calling thread and those it starts open, make, rename and remove no file, bind
// and connect no TCP socket (version 4), and neither signal nor reach by abstract socket who is not
// under the same restriction (version 6). What is open stays open. Needs no_new_privs.
Result<void> restrict_files_and_network();

}  // namespace atoll::wall
