// How C++ functions become members of `natives`, the object that built-in JavaScript calls.
//
// A room lists its functions in one constant table and hands it to js::Engine through
// apps/isolate_host/natives.cc; the snapshot refers to the callbacks by address, so the list must
// be the same when the snapshot is made and when it is used.
#pragma once

#include <v8.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace atoll::js {

struct NativeFunction {
  const char* name;
  v8::FunctionCallback callback;
};

using NativeTable = std::span<const NativeFunction>;

using Arguments = v8::FunctionCallbackInfo<v8::Value>;

void throw_type_error(v8::Isolate* isolate, std::string_view message);
void throw_range_error(v8::Isolate* isolate, std::string_view message);
void throw_error(v8::Isolate* isolate, std::string_view message);

v8::Local<v8::String> to_v8(v8::Isolate* isolate, std::string_view utf8);
// The text must be ASCII or Latin-1; cheaper than UTF-8.
v8::Local<v8::String> latin1_to_v8(v8::Isolate* isolate, std::string_view latin1);
// Names of properties and other short repeated strings.
v8::Local<v8::String> symbol_to_v8(v8::Isolate* isolate, std::string_view ascii);

// UTF-8 of a string value, lone surrogates replaced. `value` must be a string.
std::string to_utf8(v8::Isolate* isolate, v8::Local<v8::Value> value);

// One byte per character; characters above U+00FF lose their high byte. `value` must be a string.
std::string to_latin1(v8::Isolate* isolate, v8::Local<v8::Value> value);

// The bytes of an ArrayBuffer, SharedArrayBuffer or view; nothing for other values. The span is
// valid until JavaScript runs again.
std::optional<std::span<std::uint8_t>> bytes_of(v8::Local<v8::Value> value);

// A new ArrayBuffer or Uint8Array holding a copy. Empty when the isolate's memory limit refuses,
// with an exception pending.
v8::MaybeLocal<v8::ArrayBuffer> new_array_buffer(v8::Isolate* isolate, std::string_view bytes);
v8::MaybeLocal<v8::Uint8Array> new_uint8_array(v8::Isolate* isolate, std::string_view bytes);

}  // namespace atoll::js
