#include "runtime/service_props.h"

#include <cstdlib>

#include "js/native_function.h"

namespace atoll::runtime {

std::string props_from_json(v8::Local<v8::Context> context, std::string_view json) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  v8::TryCatch caught(isolate);
  v8::Local<v8::Value> value;
  if (!v8::JSON::Parse(context, js::to_v8(isolate, json)).ToLocal(&value)) return {};
  v8::ValueSerializer serializer(isolate);
  serializer.WriteHeader();
  if (!serializer.WriteValue(context, value).FromMaybe(false)) return {};
  auto [bytes, size] = serializer.Release();
  std::string props(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  return props;
}

}  // namespace atoll::runtime
