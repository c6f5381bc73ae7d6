// What may turn text or bytes into code: nothing that a tenant supplies at run time.
#pragma once

#include <v8.h>

#include <string_view>

namespace atoll::runtime {

// Refuses WebAssembly from bytes, except through compile_wasm(); refuses eval() and Function() once
// forbid_code_from_strings() was called.
void restrict_code_generation(v8::Isolate* isolate, v8::Local<v8::Context> context);
void forbid_code_from_strings(v8::Isolate* isolate, v8::Local<v8::Context> context);

// For modules that were uploaded. Empty, with an exception pending, when the bytes are none.
v8::MaybeLocal<v8::WasmModuleObject> compile_wasm(v8::Isolate* isolate, std::string_view bytes);

}  // namespace atoll::runtime
