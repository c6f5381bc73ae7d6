// Digests that wait a moment for another one: see sha256_pair.h. Only those of one isolate meet,
// so no tenant computes, or is kept waiting by, what belongs to another.
#pragma once

#include "js/native_function.h"

namespace atoll::webapi {

// crypto.subtle.digest("SHA-256", arguments[1]) where waiting may pay: sets the return value, which
// may be a promise, and is true. False if it is to be computed the ordinary way.
bool digest_in_pair(const js::Arguments& arguments);

}  // namespace atoll::webapi
