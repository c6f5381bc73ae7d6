// What the native halves of node:crypto have in common. Each takes its arguments as they come: what
// is missing or of another kind counts as empty. Bytes come as views; an ArrayBuffer is a handle,
// and believed: library/atoll/bindings/crypto.js makes sure that no buffer of a script's gets here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "nodeapi/binding.h"
#include "webapi/crypto/native_bytes.h"

namespace atoll::nodeapi {

using webapi::Bytes;

Bytes bytes_at(const js::Arguments& arguments, int index);
// Nothing unless it is a view.
std::optional<Bytes> some_bytes_at(const js::Arguments& arguments, int index);
std::string text_at(const js::Arguments& arguments, int index);
int int_at(const js::Arguments& arguments, int index, int otherwise);
bool is_given(const js::Arguments& arguments, int index);  // neither undefined nor null
// The bytes of a secret: a key handle, or bytes as they are.
Bytes secret_at(const js::Arguments& arguments, int index);
bool is_handle(v8::Local<v8::Value> value);

// MD4, RC4 and others that programs of old need: Node and the reference runtime have them.
void use_old_algorithms();

// A digest by any of its names; null if there is none.
const EVP_MD* digest_at(const js::Arguments& arguments, int index);

// Throws an Error of what OpenSSL says, with code, library and reason as Node has them, or of
// `message` if it says nothing.
void throw_openssl(const js::Arguments& arguments, std::string_view message);
// The plain message, with what OpenSSL says as code, library and reason.
void throw_failure(const js::Arguments& arguments, std::string_view message);

// Returns a handle to the object.
template <typename T>
void return_held(const js::Arguments& arguments, std::shared_ptr<T> object,
                 std::size_t cost_bytes) {
  v8::Local<v8::ArrayBuffer> held;
  if (js::hold(arguments.GetIsolate(), std::move(object), cost_bytes).ToLocal(&held)) {
    arguments.GetReturnValue().Set(held);
  }
}

}  // namespace atoll::nodeapi
