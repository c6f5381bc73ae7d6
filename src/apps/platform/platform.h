// The supervisor: engines, registry, management API, isolate hosts and log, wired together.
#pragma once

#include "apps/platform/settings.h"

namespace atoll::platform {

inline constexpr const char* kVersion = "0.1.0";

// Exit statuses of `atoll`.
inline constexpr int kStopped = 0;
inline constexpr int kFailed = 1;       // it ran, or could not keep running
inline constexpr int kCannotStart = 2;  // a setting, a port, a folder: one line on standard error

// Runs the platform until SIGTERM or SIGINT; returns the exit status. Call it from the main thread
// of a process that does nothing else.
int serve(Settings settings);

// For the one line that tells why the platform does not start.
void print_refusal(const Error& error);

}  // namespace atoll::platform
