#include "runtime/code_generation.h"

#include "js/native_function.h"

namespace atoll::runtime {
namespace {
thread_local bool t_wasm_allowed = false;

// What is no code: eval() of something else than a string gives it back, and new Function() without
// arguments has nothing in it.
bool is_harmless(v8::Local<v8::Context> context, v8::Local<v8::Value> source) {
  constexpr std::string_view kNoFunction = "(function anonymous(\n) {\n\n})";
  if (!source->IsString()) return true;
  auto text = source.As<v8::String>();
  return text->Length() == static_cast<int>(kNoFunction.size()) &&
         text->StringEquals(js::symbol_to_v8(v8::Isolate::GetCurrent(), kNoFunction));
}

}  // namespace

void restrict_code_generation(v8::Isolate* isolate, v8::Local<v8::Context> context) {
  isolate->SetAllowWasmCodeGenerationCallback(
      [](v8::Local<v8::Context>, v8::Local<v8::String>) { return t_wasm_allowed; });
}

void forbid_code_from_strings(v8::Isolate* isolate, v8::Local<v8::Context> context) {
  context->AllowCodeGenerationFromStrings(false);
  context->SetErrorMessageForCodeGenerationFromStrings(
      js::symbol_to_v8(isolate, "Code generation from strings disallowed for this context"));
  isolate->SetModifyCodeGenerationFromStringsCallback(
      [](v8::Local<v8::Context> context, v8::Local<v8::Value> source,
         bool) -> v8::ModifyCodeGenerationFromStringsResult {
        return {is_harmless(context, source), {}};
      });
}

v8::MaybeLocal<v8::WasmModuleObject> compile_wasm(v8::Isolate* isolate, std::string_view bytes) {
  t_wasm_allowed = true;
  auto compiled = v8::WasmModuleObject::Compile(
      isolate, {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  t_wasm_allowed = false;
  return compiled;
}

}  // namespace atoll::runtime
