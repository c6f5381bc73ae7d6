// How the natives of this folder read bytes and give them back.
#pragma once

#include <optional>

#include "js/native_function.h"
#include "js/native_object.h"
#include "webapi/crypto/key.h"
#include "webapi/crypto/openssl.h"

namespace atoll::webapi {

// The argument must be a buffer source. Valid until JavaScript runs.
Bytes bytes_argument(const js::Arguments& arguments, int index);
// Nothing for undefined.
std::optional<Bytes> optional_bytes(const js::Arguments& arguments, int index);
int int_argument(const js::Arguments& arguments, int index);
Key& key_argument(const js::Arguments& arguments, int index);

// Returns a new ArrayBuffer; undefined without a value.
void return_bytes(const js::Arguments& arguments, Bytes bytes);
void return_bytes(const js::Arguments& arguments, const std::optional<Secret>& bytes);
void return_text_bytes(const js::Arguments& arguments, const std::optional<std::string>& bytes);
// A new ArrayBuffer of that size to be returned, and its memory; null, with an exception pending,
// when the isolate's limit refuses.
std::uint8_t* return_room(const js::Arguments& arguments, std::size_t size);

// The form in which JavaScript holds a key; empty, with an exception pending, without memory for
// it.
v8::MaybeLocal<v8::Value> hold_key(v8::Isolate* isolate, KeyPointer key);
// Undefined for null.
void return_key(const js::Arguments& arguments, KeyPointer key);

// Raised when the turn's CPU time is used up.
StopSign stop_sign(v8::Isolate* isolate);

std::string base64url(std::string_view bytes);

}  // namespace atoll::webapi
