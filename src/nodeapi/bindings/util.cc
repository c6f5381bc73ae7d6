// internalBinding('util'): looking into values, as util.inspect() does.
#include <algorithm>

#include "nodeapi/bindings/bindings.h"

namespace atoll::nodeapi {
namespace {

// (object, filter) → names of own properties that are no array indices
void own_non_index_properties(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  if (!info[0]->IsObject()) return;
  std::int32_t filter = info[1]->IsInt32() ? info[1].As<v8::Int32>()->Value() : 0;
  v8::Local<v8::Array> names;
  if (info[0]
          .As<v8::Object>()
          ->GetPropertyNames(context, v8::KeyCollectionMode::kOwnOnly,
                             static_cast<v8::PropertyFilter>(filter & 31),
                             v8::IndexFilter::kSkipIndices)
          .ToLocal(&names)) {
    info.GetReturnValue().Set(names);
  }
}

// (promise) → [state, result]
void promise_details(const js::Arguments& info) {
  if (!info[0]->IsPromise()) return;
  v8::Isolate* isolate = info.GetIsolate();
  auto promise = info[0].As<v8::Promise>();
  v8::Local<v8::Value> parts[] = {v8::Integer::New(isolate, promise->State()),
                                  v8::Undefined(isolate)};
  std::size_t count = 1;
  if (promise->State() != v8::Promise::kPending) {
    parts[1] = promise->Result();
    count = 2;
  }
  info.GetReturnValue().Set(v8::Array::New(isolate, parts, count));
}

// (value, both = true) → undefined, the target, or [target, handler]
void proxy_details(const js::Arguments& info) {
  if (!info[0]->IsProxy()) return;
  auto proxy = info[0].As<v8::Proxy>();
  if (info.Length() > 1 && !info[1]->IsTrue()) {
    return info.GetReturnValue().Set(proxy->GetTarget());
  }
  v8::Local<v8::Value> parts[] = {proxy->GetTarget(), proxy->GetHandler()};
  info.GetReturnValue().Set(v8::Array::New(info.GetIsolate(), parts, 2));
}

// (collection or iterator) → entries; (…, anything) → [entries, whether they are pairs]
void preview_entries(const js::Arguments& info) {
  if (!info[0]->IsObject()) return;
  v8::Isolate* isolate = info.GetIsolate();
  bool pairs = false;
  v8::Local<v8::Array> entries;
  if (!info[0].As<v8::Object>()->PreviewEntries(&pairs).ToLocal(&entries)) return;
  if (info.Length() < 2) return info.GetReturnValue().Set(entries);
  v8::Local<v8::Value> parts[] = {entries, v8::Boolean::New(isolate, pairs)};
  info.GetReturnValue().Set(v8::Array::New(isolate, parts, 2));
}

void constructor_name(const js::Arguments& info) {
  if (!info[0]->IsObject()) return;
  info.GetReturnValue().Set(info[0].As<v8::Object>()->GetConstructorName());
}

constexpr int kMaxCallSites = 200;

// (count) → [{functionName, scriptId, scriptName, lineNumber, columnNumber}] of the callers
void call_sites(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  double wanted = info[0]->IsNumber() ? info[0].As<v8::Number>()->Value() : 10;
  int count = static_cast<int>(std::clamp(wanted, 0.0, static_cast<double>(kMaxCallSites)));
  v8::Local<v8::StackTrace> stack = v8::StackTrace::CurrentStackTrace(isolate, count + 1);
  v8::Local<v8::Array> sites = v8::Array::New(isolate);
  auto name_of = [&](v8::Local<v8::String> name) -> v8::Local<v8::Value> {
    return name.IsEmpty() ? v8::String::Empty(isolate) : name;
  };
  for (int i = 1; i < stack->GetFrameCount(); ++i) {  // 0 is the library's own function
    v8::Local<v8::StackFrame> frame = stack->GetFrame(isolate, static_cast<std::uint32_t>(i));
    v8::Local<v8::Object> site = v8::Object::New(isolate);
    if (!set_value(context, site, "functionName", name_of(frame->GetFunctionName())) ||
        !set_value(context, site, "scriptId",
                   js::to_v8(isolate, std::to_string(frame->GetScriptId()))) ||
        !set_value(context, site, "scriptName", name_of(frame->GetScriptName())) ||
        !set_number(context, site, "lineNumber", frame->GetLineNumber()) ||
        !set_number(context, site, "columnNumber", frame->GetColumn()) ||
        !set_number(context, site, "column", frame->GetColumn()) ||
        sites->CreateDataProperty(context, static_cast<std::uint32_t>(i - 1), site).IsNothing()) {
      return;
    }
  }
  info.GetReturnValue().Set(sites);
}

void mark_promise_as_handled(const js::Arguments& info) {
  if (info[0]->IsPromise()) info[0].As<v8::Promise>()->MarkAsHandled();
}

void has_buffer(const js::Arguments& info) {
  info.GetReturnValue().Set(info[0]->IsArrayBufferView() &&
                            info[0].As<v8::ArrayBufferView>()->HasBuffer());
}

constexpr js::NativeFunction kFunctions[] = {
    {"getOwnNonIndexProperties", own_non_index_properties},
    {"getPromiseDetails", promise_details},
    {"getProxyDetails", proxy_details},
    {"previewEntries", preview_entries},
    {"getConstructorName", constructor_name},
    {"getCallSites", call_sites},
    {"markPromiseAsHandled", mark_promise_as_handled},
    {"arrayBufferViewHasBuffer", has_buffer},
};

// Properties of these names are invisible to scripts.
constexpr const char* kPrivateSymbols[] = {
    "arrow_message_private_symbol",
    "contextify_context_private_symbol",
    "decorated_private_symbol",
    "transfer_mode_private_symbol",
    "host_defined_option_symbol",
    "js_transferable_wrapper_private_symbol",
    "entry_point_module_private_symbol",
    "entry_point_promise_private_symbol",
    "module_source_private_symbol",
    "module_export_names_private_symbol",
    "module_circular_visited_private_symbol",
    "module_export_private_symbol",
    "module_first_parent_private_symbol",
    "napi_type_tag",
    "napi_wrap",
    "untransferable_object_private_symbol",
    "exit_info_private_symbol",
    "promise_trace_id",
    "source_map_data_private_symbol",
};

bool add_private_symbols(v8::Local<v8::Context> context, v8::Local<v8::Object> binding) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  v8::Local<v8::ObjectTemplate> symbols = v8::ObjectTemplate::New(isolate);
  for (const char* name : kPrivateSymbols) {
    symbols->Set(js::symbol_to_v8(isolate, name),
                 v8::Private::New(isolate, js::symbol_to_v8(isolate, name)));
  }
  v8::Local<v8::Object> made;
  return symbols->NewInstance(context).ToLocal(&made) &&
         set_value(context, binding, "privateSymbols", made);
}

}  // namespace

const Binding kUtilBinding{"util", kFunctions, add_private_symbols};

}  // namespace atoll::nodeapi
