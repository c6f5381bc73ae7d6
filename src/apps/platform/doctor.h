// `atoll doctor`: which layers of the sandbox this machine gives.
#pragma once

namespace atoll::platform {

// Prints a table. The exit status: 0 when the required layers are there, else 1. Call it from a
// process that does nothing else.
int doctor();

}  // namespace atoll::platform
