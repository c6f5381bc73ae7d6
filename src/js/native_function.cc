#include "js/native_function.h"

#include <cstring>

#include "base/check.h"

namespace atoll::js {

void throw_type_error(v8::Isolate* isolate, std::string_view message) {
  isolate->ThrowException(v8::Exception::TypeError(to_v8(isolate, message)));
}

void throw_range_error(v8::Isolate* isolate, std::string_view message) {
  isolate->ThrowException(v8::Exception::RangeError(to_v8(isolate, message)));
}

void throw_error(v8::Isolate* isolate, std::string_view message) {
  isolate->ThrowException(v8::Exception::Error(to_v8(isolate, message)));
}

v8::Local<v8::String> to_v8(v8::Isolate* isolate, std::string_view utf8) {
  v8::Local<v8::String> text;
  if (v8::String::NewFromUtf8(isolate, utf8.data(), v8::NewStringType::kNormal,
                              static_cast<int>(utf8.size()))
          .ToLocal(&text)) {
    return text;
  }
  return v8::String::Empty(isolate);  // longer than V8's string limit
}

v8::Local<v8::String> latin1_to_v8(v8::Isolate* isolate, std::string_view latin1) {
  v8::Local<v8::String> text;
  if (v8::String::NewFromOneByte(isolate, reinterpret_cast<const std::uint8_t*>(latin1.data()),
                                 v8::NewStringType::kNormal, static_cast<int>(latin1.size()))
          .ToLocal(&text)) {
    return text;
  }
  return v8::String::Empty(isolate);
}

v8::Local<v8::String> symbol_to_v8(v8::Isolate* isolate, std::string_view ascii) {
  return v8::String::NewFromOneByte(isolate, reinterpret_cast<const std::uint8_t*>(ascii.data()),
                                    v8::NewStringType::kInternalized,
                                    static_cast<int>(ascii.size()))
      .ToLocalChecked();
}

std::string to_utf8(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  CHECK(value->IsString());
  v8::Local<v8::String> string = value.As<v8::String>();
  std::string text(string->Utf8LengthV2(isolate), '\0');
  string->WriteUtf8V2(isolate, text.data(), text.size(),
                      v8::String::WriteFlags::kReplaceInvalidUtf8);
  return text;
}

std::string to_latin1(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  CHECK(value->IsString());
  v8::Local<v8::String> string = value.As<v8::String>();
  std::string text(static_cast<std::size_t>(string->Length()), '\0');
  string->WriteOneByteV2(isolate, 0, static_cast<std::uint32_t>(text.size()),
                         reinterpret_cast<std::uint8_t*>(text.data()));
  return text;
}

std::optional<std::span<std::uint8_t>> bytes_of(v8::Local<v8::Value> value) {
  if (value->IsArrayBufferView()) {
    auto view = value.As<v8::ArrayBufferView>();
    auto* start = static_cast<std::uint8_t*>(view->Buffer()->Data());
    return std::span(start + view->ByteOffset(), view->ByteLength());
  }
  if (value->IsArrayBuffer()) {
    auto buffer = value.As<v8::ArrayBuffer>();
    return std::span(static_cast<std::uint8_t*>(buffer->Data()), buffer->ByteLength());
  }
  if (value->IsSharedArrayBuffer()) {
    auto buffer = value.As<v8::SharedArrayBuffer>();
    return std::span(static_cast<std::uint8_t*>(buffer->Data()), buffer->ByteLength());
  }
  return std::nullopt;
}

v8::MaybeLocal<v8::ArrayBuffer> new_array_buffer(v8::Isolate* isolate, std::string_view bytes) {
  v8::Local<v8::ArrayBuffer> buffer;
  if (!v8::ArrayBuffer::MaybeNew(isolate, bytes.size(),
                                 v8::BackingStoreInitializationMode::kUninitialized)
           .ToLocal(&buffer)) {
    throw_range_error(isolate, "Array buffer allocation failed");
    return {};
  }
  if (!bytes.empty()) std::memcpy(buffer->Data(), bytes.data(), bytes.size());
  return buffer;
}

v8::MaybeLocal<v8::Uint8Array> new_uint8_array(v8::Isolate* isolate, std::string_view bytes) {
  v8::Local<v8::ArrayBuffer> buffer;
  if (!new_array_buffer(isolate, bytes).ToLocal(&buffer)) return {};
  return v8::Uint8Array::New(buffer, 0, bytes.size());
}

}  // namespace atoll::js
