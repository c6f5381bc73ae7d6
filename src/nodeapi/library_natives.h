// What the built-ins need to load Node's library: its compiled sources and the native bindings.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "js/native_function.h"
#include "js/source_library.h"

namespace atoll::nodeapi {

js::NativeTable library_natives();

// For the build: has the built-ins load the whole library, and gives it back with code caches of
// what V8 compiled.
Result<std::vector<js::PackedSource>> compile_library(v8::Isolate* isolate,
                                                      v8::Local<v8::Context> context,
                                                      v8::Local<v8::Object> builtins);

}  // namespace atoll::nodeapi
