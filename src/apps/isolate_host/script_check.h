// The compiler's work: run an upload's global scope once, under limits, and describe it.
#pragma once

#include "base/unique_fd.h"
#include "dispatch/isolate_pool.h"
#include "runtime/worker.h"
#include "sandbox/border/protocol.h"

namespace atoll::host {

border::CheckOutcome check_script(runtime::Host& host, dispatch::IsolatePool& pool,
                                  border::CheckScript check, UniqueFd bundle);

}  // namespace atoll::host
