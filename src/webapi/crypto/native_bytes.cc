#include "webapi/crypto/native_bytes.h"

#include "base/check.h"
#include "js/node_simdutf.h"
#include "runtime/worker.h"

namespace atoll::webapi {

Bytes bytes_argument(const js::Arguments& arguments, int index) {
  auto bytes = js::bytes_of(arguments[index]);
  CHECK(bytes);
  return *bytes;
}

std::optional<Bytes> optional_bytes(const js::Arguments& arguments, int index) {
  auto bytes = js::bytes_of(arguments[index]);
  return bytes ? std::optional<Bytes>(*bytes) : std::nullopt;
}

int int_argument(const js::Arguments& arguments, int index) {
  CHECK(arguments[index]->IsInt32());
  return arguments[index].As<v8::Int32>()->Value();
}

Key& key_argument(const js::Arguments& arguments, int index) {
  return js::held<Key>(arguments[index]);
}

void return_bytes(const js::Arguments& arguments, Bytes bytes) {
  v8::Local<v8::ArrayBuffer> buffer;
  if (js::new_array_buffer(arguments.GetIsolate(), text_of(bytes)).ToLocal(&buffer)) {
    arguments.GetReturnValue().Set(buffer);
  }
}

void return_bytes(const js::Arguments& arguments, const std::optional<Secret>& bytes) {
  if (bytes) return_bytes(arguments, bytes->view());
}

void return_text_bytes(const js::Arguments& arguments, const std::optional<std::string>& bytes) {
  if (!bytes) return;
  return_bytes(arguments, {reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()});
}

std::uint8_t* return_room(const js::Arguments& arguments, std::size_t size) {
  v8::Local<v8::ArrayBuffer> buffer;
  if (!v8::ArrayBuffer::MaybeNew(arguments.GetIsolate(), size,
                                 v8::BackingStoreInitializationMode::kUninitialized)
           .ToLocal(&buffer)) {
    js::throw_range_error(arguments.GetIsolate(), "Array buffer allocation failed");
    return nullptr;
  }
  arguments.GetReturnValue().Set(buffer);
  static std::uint8_t nothing;
  return size == 0 ? &nothing : static_cast<std::uint8_t*>(buffer->Data());
}

v8::MaybeLocal<v8::Value> hold_key(v8::Isolate* isolate, KeyPointer key) {
  const std::size_t cost = key->cost_bytes();
  v8::Local<v8::ArrayBuffer> held;
  if (!js::hold(isolate, std::move(key), cost).ToLocal(&held)) return {};
  return held;
}

void return_key(const js::Arguments& arguments, KeyPointer key) {
  v8::Local<v8::Value> held;
  if (key != nullptr && hold_key(arguments.GetIsolate(), std::move(key)).ToLocal(&held)) {
    arguments.GetReturnValue().Set(held);
  }
}

StopSign stop_sign(v8::Isolate* isolate) {
  return StopSign(
      [](void* watchdog) { return static_cast<runtime::Watchdog*>(watchdog)->time_is_up(); },
      &runtime::Worker::of(isolate).host().watchdog);
}

std::string base64url(std::string_view bytes) {
  std::string text(simdutf::base64_length_from_binary(bytes.size(), simdutf::base64_url), '\0');
  text.resize(
      simdutf::binary_to_base64(bytes.data(), bytes.size(), text.data(), simdutf::base64_url));
  return text;
}

}  // namespace atoll::webapi
