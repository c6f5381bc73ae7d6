// C++ objects that JavaScript holds: keys, unfinished digests, ciphers.
//
// What JavaScript gets is an ArrayBuffer that only built-ins may see, kept in a private field. Its
// memory is a record of the object, which is destroyed when the collector frees the buffer or the
// isolate ends: on any thread, so destructors must touch nothing of V8.
#pragma once

#include <v8.h>

#include <cstddef>
#include <memory>

namespace atoll::js {

namespace internal {

// The address tells the type.
template <typename T>
inline constexpr char kTypeOf = 0;

v8::MaybeLocal<v8::ArrayBuffer> hold(v8::Isolate* isolate, std::shared_ptr<void> object,
                                     const void* type, std::size_t cost_bytes);
const std::shared_ptr<void>& held(v8::Local<v8::Value> value, const void* type);

}  // namespace internal

// `cost_bytes`: what the object takes outside the JavaScript heap, charged to the isolate. Empty
// when the isolate's memory limit refuses, with an exception pending.
template <typename T>
v8::MaybeLocal<v8::ArrayBuffer> hold(v8::Isolate* isolate, std::shared_ptr<T> object,
                                     std::size_t cost_bytes) {
  return internal::hold(isolate, std::move(object), &internal::kTypeOf<T>, cost_bytes);
}

// The object that hold() was given; `value` must be what it returned for a T.
template <typename T>
T& held(v8::Local<v8::Value> value) {
  return *static_cast<T*>(internal::held(value, &internal::kTypeOf<T>).get());
}

template <typename T>
std::shared_ptr<T> share_held(v8::Local<v8::Value> value) {
  return std::static_pointer_cast<T>(internal::held(value, &internal::kTypeOf<T>));
}

}  // namespace atoll::js
