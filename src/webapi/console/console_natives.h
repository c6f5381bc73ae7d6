// What only V8 can tell about a value without running its code, for console/inspect.js.
#pragma once

#include "js/native_function.h"

namespace atoll::webapi {

// kindOf(object) → a number of Kind (inspect.js has the same list)
// proxyTarget(proxy) → its target, or null if revoked
// promiseState(promise) → [state, result]; state 0 pending, 1 fulfilled, 2 rejected
// constructorName(object) → string
// iteratorEntries(iterator) → the values still to come of a Map's or Set's iterator
js::NativeTable console_natives();

}  // namespace atoll::webapi
