#include "webapi/console/console_natives.h"

namespace atoll::webapi {
namespace {

enum class Kind : std::int32_t {
  Other,
  Proxy,
  Function,
  Array,
  Error,
  Date,
  RegExp,
  Map,
  Set,
  Promise,
  TypedArray,
  ArrayBuffer,
  DataView,
  Weak,
  Iterator,
  Wrapper,
  Generator,
  Arguments,
  External,
  Namespace,
};

Kind kind_of(v8::Local<v8::Value> value) {
  if (value->IsProxy()) return Kind::Proxy;
  if (value->IsFunction()) return Kind::Function;
  if (value->IsArray()) return Kind::Array;
  if (value->IsNativeError()) return Kind::Error;
  if (value->IsDate()) return Kind::Date;
  if (value->IsRegExp()) return Kind::RegExp;
  if (value->IsMap()) return Kind::Map;
  if (value->IsSet()) return Kind::Set;
  if (value->IsPromise()) return Kind::Promise;
  if (value->IsTypedArray()) return Kind::TypedArray;
  if (value->IsArrayBuffer() || value->IsSharedArrayBuffer()) return Kind::ArrayBuffer;
  if (value->IsDataView()) return Kind::DataView;
  if (value->IsWeakMap() || value->IsWeakSet()) return Kind::Weak;
  if (value->IsMapIterator() || value->IsSetIterator()) return Kind::Iterator;
  if (value->IsStringObject() || value->IsNumberObject() || value->IsBooleanObject() ||
      value->IsBigIntObject() || value->IsSymbolObject()) {
    return Kind::Wrapper;
  }
  if (value->IsGeneratorObject()) return Kind::Generator;
  if (value->IsArgumentsObject()) return Kind::Arguments;
  if (value->IsExternal()) return Kind::External;
  if (value->IsModuleNamespaceObject()) return Kind::Namespace;
  return Kind::Other;
}

void kind_of_value(const js::Arguments& arguments) {
  arguments.GetReturnValue().Set(static_cast<std::int32_t>(kind_of(arguments[0])));
}

void proxy_target(const js::Arguments& arguments) {
  if (arguments[0]->IsProxy())
    arguments.GetReturnValue().Set(arguments[0].As<v8::Proxy>()->GetTarget());
}

void promise_state(const js::Arguments& arguments) {
  if (!arguments[0]->IsPromise()) return;
  v8::Isolate* isolate = arguments.GetIsolate();
  auto promise = arguments[0].As<v8::Promise>();
  v8::Local<v8::Value> parts[2] = {v8::Integer::New(isolate, promise->State()),
                                   v8::Undefined(isolate)};
  if (promise->State() != v8::Promise::kPending) parts[1] = promise->Result();
  arguments.GetReturnValue().Set(v8::Array::New(isolate, parts, 2));
}

void constructor_name(const js::Arguments& arguments) {
  if (arguments[0]->IsObject())
    arguments.GetReturnValue().Set(arguments[0].As<v8::Object>()->GetConstructorName());
}

void iterator_entries(const js::Arguments& arguments) {
  if (!arguments[0]->IsObject()) return;
  bool pairs = false;
  v8::Local<v8::Array> entries;
  if (arguments[0].As<v8::Object>()->PreviewEntries(&pairs).ToLocal(&entries))
    arguments.GetReturnValue().Set(entries);
}

constexpr js::NativeFunction kNatives[] = {
    {"kindOf", kind_of_value},
    {"proxyTarget", proxy_target},
    {"promiseState", promise_state},
    {"constructorName", constructor_name},
    {"iteratorEntries", iterator_entries},
};

}  // namespace

js::NativeTable console_natives() { return kNatives; }

}  // namespace atoll::webapi
