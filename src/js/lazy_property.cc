#include "js/lazy_property.h"

namespace atoll::js {
namespace {

void load(v8::Local<v8::Name>, const v8::PropertyCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Value> value;
  if (info.Data()
          .As<v8::Function>()
          ->Call(isolate->GetCurrentContext(), v8::Undefined(isolate), 0, nullptr)
          .ToLocal(&value)) {
    info.GetReturnValue().Set(value);
  }
}

}  // namespace

void define_lazy_properties(v8::Local<v8::Context> context, v8::Local<v8::Array> properties) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  auto element = [&](std::uint32_t index) {
    return properties->Get(context, index).ToLocalChecked();
  };
  for (std::uint32_t i = 0; i + 3 < properties->Length(); i += 4) {
    auto attributes = element(i + 3)->BooleanValue(isolate) ? v8::PropertyAttribute::None
                                                            : v8::PropertyAttribute::DontEnum;
    (void)element(i)
        .As<v8::Object>()
        ->SetLazyDataProperty(context, element(i + 1).As<v8::Name>(), load, element(i + 2),
                              attributes)
        .FromMaybe(false);  // refused by an object that a script has frozen
  }
}

}  // namespace atoll::js
