// The native side of an `internalBinding(name)` of Node's library. A binding is made when library
// code first asks for it, so an isolate that never loads Node's library carries none of it.
#pragma once

#include <v8.h>

#include <span>
#include <string_view>

#include "js/native_function.h"

namespace atoll::nodeapi {

struct Binding {
  std::string_view name;
  js::NativeTable functions;
  // Adds what is not a plain function: constants, classes. May be null. False with an exception
  // pending when V8 refuses.
  bool (*extend)(v8::Local<v8::Context> context, v8::Local<v8::Object> binding) = nullptr;
};

// Each binding's own file defines one of these; bindings/all.cc lists them.
std::span<const Binding* const> all_bindings();

// A native object as the library sees it: an Error of that class with a `code`.
enum class ErrorClass { Error, TypeError, RangeError };
void throw_coded(v8::Isolate* isolate, ErrorClass kind, std::string_view code,
                 std::string_view message);

// False with an exception pending when V8 refuses.
bool set_value(v8::Local<v8::Context> context, v8::Local<v8::Object> object, std::string_view name,
               v8::Local<v8::Value> value);
bool set_number(v8::Local<v8::Context> context, v8::Local<v8::Object> object, std::string_view name,
                double value);

// The bytes of a view or buffer for reading, without giving a small view a buffer of its own.
// Empty for other values. Valid until JavaScript runs again.
class ReadBytes {
 public:
  explicit ReadBytes(v8::Local<v8::Value> value);
  std::span<const std::uint8_t> bytes() const { return bytes_; }
  std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  bool valid() const { return valid_; }

 private:
  std::uint8_t storage_[64];
  std::span<const std::uint8_t> bytes_;
  bool valid_ = true;
};

// Those of a writable view; empty for other values.
std::span<std::uint8_t> writable_bytes(v8::Local<v8::Value> value);

}  // namespace atoll::nodeapi
