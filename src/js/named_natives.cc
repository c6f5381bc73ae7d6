#include "js/named_natives.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

namespace atoll::js {
namespace {

std::unordered_map<std::string_view, v8::FunctionCallback>& callbacks() {
  static auto* map = new std::unordered_map<std::string_view, v8::FunctionCallback>;
  return *map;
}

void natives_named(const Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  std::string names = to_utf8(isolate, info[0]);
  // Without a prototype: a setter on Object.prototype must not get to see it.
  v8::Local<v8::Object> object = v8::Object::New(isolate, v8::Null(isolate), nullptr, nullptr, 0);
  for (std::string_view rest = names; !rest.empty();) {
    std::string_view name = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    auto found = callbacks().find(name);
    if (found == callbacks().end()) {
      return throw_error(isolate, "no native function " + std::string(name));
    }
    v8::Local<v8::Function> function;
    if (!make_native(context, name, found->second).ToLocal(&function) ||
        object->CreateDataProperty(context, symbol_to_v8(isolate, name), function).IsNothing()) {
      return;
    }
  }
  info.GetReturnValue().Set(object);
}

constexpr NativeFunction kNatives[] = {{"nativesNamed", natives_named}};

}  // namespace

v8::MaybeLocal<v8::Function> make_native(v8::Local<v8::Context> context, std::string_view name,
                                         v8::FunctionCallback callback) {
  v8::Local<v8::Function> function;
  if (!v8::Function::New(context, callback, {}, 0, v8::ConstructorBehavior::kThrow)
           .ToLocal(&function)) {
    return {};
  }
  function->SetName(symbol_to_v8(v8::Isolate::GetCurrent(), name));
  return function;
}

void set_named_natives(const std::vector<NativeTable>& natives) {
  for (const NativeTable& table : natives) {
    for (const NativeFunction& native : table) callbacks()[native.name] = native.callback;
  }
}

NativeTable named_natives() { return kNatives; }

}  // namespace atoll::js
