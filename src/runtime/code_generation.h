// What may turn text or bytes into code: nothing that a tenant supplies at run time.
#pragma once

#include <v8.h>

namespace atoll::runtime {

// Refuses WebAssembly from bytes, except inside AllowWasmCompilation; refuses eval() and Function()
// once forbid_code_from_strings() was called.
void restrict_code_generation(v8::Isolate* isolate, v8::Local<v8::Context> context);
void forbid_code_from_strings(v8::Isolate* isolate, v8::Local<v8::Context> context);

// Lets the module loader compile an uploaded module on this thread.
class AllowWasmCompilation {
 public:
  AllowWasmCompilation();
  ~AllowWasmCompilation();
};

}  // namespace atoll::runtime
