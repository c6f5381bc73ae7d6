// HTML's structured clone (https://html.spec.whatwg.org/#safe-passing-of-structured-data) over V8's
// serializer.
#pragma once

#include "js/native_function.h"

namespace atoll::webapi {

// hooks: [isPlatformObject, write, read, makeError], functions of structured_clone.js
//   isPlatformObject(object) → whether it belongs to a Web API; called for objects that are not
//   plain write(object) → a plain value to send in its place, or throws read(plain) → the object
//   again makeError(message) → the DataCloneError to throw
//
// structuredClone(value, buffers: ArrayBuffer[] to transfer, hooks) → copy
// serialize(value, hooks) → Uint8Array
// deserialize(source, hooks) → value; the bytes must come from serialize()
js::NativeTable structured_clone_natives();

}  // namespace atoll::webapi
