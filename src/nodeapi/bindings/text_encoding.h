// Node's string encodings: text to bytes and back.
#pragma once

#include <v8.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace atoll::nodeapi {

// The numbers that Node's library knows them by.
enum class TextEncoding { Ascii, Utf8, Base64, Ucs2, Latin1, Hex, Buffer, Base64Url };

// Node's spellings of the names, in any case.
std::optional<TextEncoding> find_text_encoding(std::string_view name);

// Empty, with an exception pending, when the text would be longer than V8 allows.
v8::MaybeLocal<v8::String> decode_text(v8::Isolate* isolate, std::span<const std::uint8_t> bytes,
                                       TextEncoding encoding);

// The bytes of a string as Buffer.from(string, encoding) makes them.
std::string encode_text(v8::Isolate* isolate, v8::Local<v8::String> text, TextEncoding encoding);

// Writes as much as fits, whole characters only; the number of bytes written.
std::size_t write_text(v8::Isolate* isolate, v8::Local<v8::String> text, TextEncoding encoding,
                       std::span<std::uint8_t> out);

}  // namespace atoll::nodeapi
