#include "runtime/worker_start.h"

#include "base/json.h"
#include "base/time.h"
#include "js/native_function.h"
#include "runtime/code_generation.h"

namespace atoll::runtime {
namespace {

v8::Local<v8::Value> version_metadata(v8::Isolate* isolate, const border::ScriptVersion& version) {
  Json metadata = {
      {"id", version.version_id},
      {"tag", version.tag},
      {"timestamp", format_rfc3339(WallTime(std::chrono::milliseconds(version.created_on_ms)))}};
  return js::to_v8(isolate, dump_json(metadata));
}

// The bytes of a wasm_module, text_blob or data_blob.
std::string_view content_of(const Script& script, const border::Binding& binding) {
  const bundle::Module* module =
      binding.target.empty() ? nullptr : script.code.bundle.find(binding.target);
  return module == nullptr ? std::string_view(binding.text) : module->bytes;
}

v8::MaybeLocal<v8::Value> binding_payload(v8::Isolate* isolate, const Script& script,
                                          const border::Binding& binding, std::int32_t& services) {
  if (binding.type == "service") return v8::Integer::New(isolate, ++services).As<v8::Value>();
  if (binding.type == "kv_namespace" || binding.type == "dispatch_namespace") {
    return v8::Number::New(isolate, static_cast<double>(binding.handle)).As<v8::Value>();
  }
  if (binding.type == "version_metadata") return version_metadata(isolate, script.version);
  if (binding.type == "data_blob") {
    v8::Local<v8::ArrayBuffer> buffer;
    if (!js::new_array_buffer(isolate, content_of(script, binding)).ToLocal(&buffer)) return {};
    return buffer.As<v8::Value>();
  }
  if (binding.type == "wasm_module") {
    v8::Local<v8::WasmModuleObject> module;
    if (!compile_wasm(isolate, content_of(script, binding)).ToLocal(&module)) return {};
    return module.As<v8::Value>();
  }
  if (binding.type == "text_blob") {
    return js::to_v8(isolate, content_of(script, binding)).As<v8::Value>();
  }
  return js::to_v8(isolate, binding.text).As<v8::Value>();
}

v8::Local<v8::Value> strings_value(v8::Isolate* isolate, const std::vector<std::string>& strings) {
  std::vector<v8::Local<v8::Value>> values;
  values.reserve(strings.size());
  for (const std::string& string : strings) values.push_back(js::to_v8(isolate, string));
  return v8::Array::New(isolate, values.data(), values.size());
}

std::vector<std::string> read_strings(v8::Local<v8::Context> context, v8::Local<v8::Value> value) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  std::vector<std::string> strings;
  if (value.IsEmpty() || !value->IsArray()) return strings;
  auto array = value.As<v8::Array>();
  for (std::uint32_t i = 0; i < array->Length(); ++i) {
    v8::Local<v8::Value> element;
    if (array->Get(context, i).ToLocal(&element) && element->IsString()) {
      strings.push_back(js::to_utf8(isolate, element));
    }
  }
  return strings;
}

}  // namespace

v8::Local<v8::Value> describe_worker(v8::Local<v8::Context> context, const Script& script) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  v8::Local<v8::Array> bindings = v8::Array::New(isolate);
  std::int32_t services = 0;
  std::uint32_t index = 0;
  for (const border::Binding& binding : script.version.bindings) {
    v8::Local<v8::Value> payload;
    if (!binding_payload(isolate, script, binding, services).ToLocal(&payload)) return {};
    v8::Local<v8::Value> entry[] = {js::to_v8(isolate, binding.name),
                                    js::symbol_to_v8(isolate, binding.type), payload,
                                    v8::Undefined(isolate), v8::Undefined(isolate)};
    bool has_outbound = binding.outbound != 0;
    if (has_outbound) {
      entry[3] = strings_value(isolate, binding.outbound_parameters);
      entry[4] = v8::Integer::New(isolate, ++services);
    }
    (void)bindings->Set(context, index++, v8::Array::New(isolate, entry, has_outbound ? 5 : 3));
  }
  v8::Local<v8::Object> info = v8::Object::New(isolate);
  auto set = [&](const char* name, v8::Local<v8::Value> value) {
    (void)info->Set(context, js::symbol_to_v8(isolate, name), value);
  };
  set("bindings", bindings);
  set("serviceWorker", v8::Boolean::New(isolate, script.code.bundle.entry().kind ==
                                                     bundle::ModuleKind::ServiceWorker));
  return info;
}

Result<void> read_exports(v8::Local<v8::Context> context, v8::Local<v8::Value> description,
                          std::vector<std::string>& handlers,
                          std::vector<NamedHandlers>& named_handlers) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  if (!description->IsObject()) return fail(internal_error("the built-ins described no exports"));
  auto get = [&](v8::Local<v8::Value> from, const char* name) {
    v8::Local<v8::Value> value;
    if (from->IsObject()) {
      (void)from.As<v8::Object>()->Get(context, js::symbol_to_v8(isolate, name)).ToLocal(&value);
    }
    return value;
  };
  v8::Local<v8::Value> error = get(description, "error");
  if (!error.IsEmpty() && error->IsString())
    return fail(invalid_input(js::to_utf8(isolate, error)));
  handlers = read_strings(context, get(description, "handlers"));
  v8::Local<v8::Value> named = get(description, "namedHandlers");
  if (named.IsEmpty() || !named->IsArray()) return {};
  auto array = named.As<v8::Array>();
  for (std::uint32_t i = 0; i < array->Length(); ++i) {
    v8::Local<v8::Value> element;
    if (!array->Get(context, i).ToLocal(&element)) continue;
    v8::Local<v8::Value> name = get(element, "name");
    if (name.IsEmpty() || !name->IsString()) continue;
    named_handlers.push_back(
        {js::to_utf8(isolate, name), read_strings(context, get(element, "handlers"))});
  }
  return {};
}

Error describe_startup_failure(v8::Isolate* isolate, v8::Local<v8::Context> context,
                               v8::TryCatch& caught) {
  if (!caught.HasCaught() || caught.HasTerminated()) {
    return Error(ErrorKind::LimitReached, "Script startup was stopped.");
  }
  v8::String::Utf8Value exception(isolate, caught.Exception());
  std::string text = "Uncaught " + std::string(*exception ? *exception : "exception");
  v8::Local<v8::Message> message = caught.Message();
  if (!message.IsEmpty()) {
    v8::Local<v8::Value> resource = message->GetScriptResourceName();
    std::string file = resource->IsString() ? js::to_utf8(isolate, resource) : "";
    if (!file.empty() && file != "atoll:builtins") {
      text += "\n  at " + file + ":" +
              std::to_string(message->GetLineNumber(context).FromMaybe(0)) + ":" +
              std::to_string(message->GetStartColumn(context).FromMaybe(0) + 1);
    }
  }
  v8::Local<v8::Value> stack;
  if (caught.StackTrace(context).ToLocal(&stack) && stack->IsString()) {
    // Its first lines repeat the message; the frames follow, built-in ones left out.
    std::string lines = js::to_utf8(isolate, stack);
    std::size_t frame = lines.find("\n    at ");
    while (frame != std::string::npos) {
      std::size_t end = lines.find('\n', frame + 1);
      std::string_view line = std::string_view(lines).substr(frame, end - frame);
      if (line.find("atoll:builtins") == std::string_view::npos) text += line;
      frame = end;
    }
  }
  return invalid_input(std::move(text));
}

}  // namespace atoll::runtime
