#include "nodeapi/binding.h"

namespace atoll::nodeapi {

void throw_coded(v8::Isolate* isolate, ErrorClass kind, std::string_view code,
                 std::string_view message) {
  v8::Local<v8::String> text = js::to_v8(isolate, message);
  v8::Local<v8::Value> error = kind == ErrorClass::TypeError    ? v8::Exception::TypeError(text)
                               : kind == ErrorClass::RangeError ? v8::Exception::RangeError(text)
                                                                : v8::Exception::Error(text);
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  (void)error.As<v8::Object>()->CreateDataProperty(context, js::symbol_to_v8(isolate, "code"),
                                                   js::to_v8(isolate, code));
  isolate->ThrowException(error);
}

bool set_value(v8::Local<v8::Context> context, v8::Local<v8::Object> object, std::string_view name,
               v8::Local<v8::Value> value) {
  return object
      ->CreateDataProperty(context, js::symbol_to_v8(v8::Isolate::GetCurrent(), name), value)
      .FromMaybe(false);
}

bool set_number(v8::Local<v8::Context> context, v8::Local<v8::Object> object, std::string_view name,
                double value) {
  return set_value(context, object, name, v8::Number::New(v8::Isolate::GetCurrent(), value));
}

ReadBytes::ReadBytes(v8::Local<v8::Value> value) {
  if (value->IsArrayBufferView()) {
    v8::MemorySpan<std::uint8_t> contents =
        value.As<v8::ArrayBufferView>()->GetContents({storage_, sizeof storage_});
    bytes_ = {contents.data(), contents.size()};
  } else if (auto whole = js::bytes_of(value)) {
    bytes_ = *whole;
  } else {
    valid_ = false;
  }
}

std::span<std::uint8_t> writable_bytes(v8::Local<v8::Value> value) {
  return js::bytes_of(value).value_or(std::span<std::uint8_t>());
}

}  // namespace atoll::nodeapi
