#include "runtime/code_generation.h"

#include "js/native_function.h"

namespace atoll::runtime {
namespace {
thread_local int t_wasm_allowed = 0;
}  // namespace

void restrict_code_generation(v8::Isolate* isolate, v8::Local<v8::Context> context) {
  isolate->SetAllowWasmCodeGenerationCallback(
      [](v8::Local<v8::Context>, v8::Local<v8::String>) { return t_wasm_allowed > 0; });
}

void forbid_code_from_strings(v8::Isolate* isolate, v8::Local<v8::Context> context) {
  context->AllowCodeGenerationFromStrings(false);
  context->SetErrorMessageForCodeGenerationFromStrings(
      js::symbol_to_v8(isolate, "Code generation from strings disallowed for this context"));
  isolate->SetModifyCodeGenerationFromStringsCallback(
      [](v8::Local<v8::Context>, v8::Local<v8::Value>,
         bool) -> v8::ModifyCodeGenerationFromStringsResult { return {false, {}}; });
}

AllowWasmCompilation::AllowWasmCompilation() { ++t_wasm_allowed; }
AllowWasmCompilation::~AllowWasmCompilation() { --t_wasm_allowed; }

}  // namespace atoll::runtime
