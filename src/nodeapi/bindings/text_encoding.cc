#include "nodeapi/bindings/text_encoding.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "js/native_function.h"
#include "js/node_simdutf.h"
#include "nodeapi/binding.h"

namespace atoll::nodeapi {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 128> kFromBase64 = [] {
  std::array<std::int8_t, 128> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < 64; ++i) {
    table[static_cast<std::size_t>(kBase64[i])] = static_cast<std::int8_t>(i);
    table[static_cast<std::size_t>(kBase64Url[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}();

v8::MaybeLocal<v8::String> too_long(v8::Isolate* isolate) {
  throw_coded(isolate, ErrorClass::Error, "ERR_STRING_TOO_LONG",
              "Cannot create a string longer than 0x1fffffe8 characters");
  return {};
}

v8::MaybeLocal<v8::String> one_byte(v8::Isolate* isolate, std::span<const std::uint8_t> bytes) {
  v8::Local<v8::String> text;
  if (bytes.size() > v8::String::kMaxLength ||
      !v8::String::NewFromOneByte(isolate, bytes.data(), v8::NewStringType::kNormal,
                                  static_cast<int>(bytes.size()))
           .ToLocal(&text)) {
    return too_long(isolate);
  }
  return text;
}

v8::MaybeLocal<v8::String> one_byte(v8::Isolate* isolate, const std::string& text) {
  return one_byte(isolate,
                  std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

v8::MaybeLocal<v8::String> decode_utf8(v8::Isolate* isolate, std::span<const std::uint8_t> bytes) {
  const char* data = reinterpret_cast<const char*>(bytes.data());
  if (simdutf::validate_ascii(data, bytes.size())) return one_byte(isolate, bytes);
  v8::Local<v8::String> text;
  if (bytes.size() <= v8::String::kMaxLength * std::size_t{3} &&
      bytes.size() < std::size_t{0x7fffffff} &&
      v8::String::NewFromUtf8(isolate, data, v8::NewStringType::kNormal,
                              static_cast<int>(bytes.size()))
          .ToLocal(&text)) {
    return text;
  }
  return too_long(isolate);
}

v8::MaybeLocal<v8::String> decode_ucs2(v8::Isolate* isolate, std::span<const std::uint8_t> bytes) {
  std::size_t units = bytes.size() / 2;
  if (units > v8::String::kMaxLength) return too_long(isolate);
  if (units == 0) return v8::String::Empty(isolate);
  v8::Local<v8::String> text;
  std::vector<std::uint16_t> aligned;
  const auto* data = reinterpret_cast<const std::uint16_t*>(bytes.data());
  if (reinterpret_cast<std::uintptr_t>(data) % 2 != 0) {
    aligned.resize(units);
    std::memcpy(aligned.data(), bytes.data(), units * 2);
    data = aligned.data();
  }
  if (v8::String::NewFromTwoByte(isolate, data, v8::NewStringType::kNormal, static_cast<int>(units))
          .ToLocal(&text)) {
    return text;
  }
  return too_long(isolate);
}

std::string to_base64_url(std::span<const std::uint8_t> bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t held = 0;
  int bits = 0;
  for (std::uint8_t byte : bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 6; bits -= 6) text.push_back(kBase64Url[(held >> (bits - 6)) & 63]);
  }
  if (bits > 0) text.push_back(kBase64Url[(held << (6 - bits)) & 63]);
  return text;
}

// The code units of a string that are below U+0100; others become a character no decoder knows.
std::string narrow(v8::Isolate* isolate, v8::Local<v8::String> text) {
  auto length = static_cast<std::uint32_t>(text->Length());
  std::string narrowed(length, '\0');
  if (text->ContainsOnlyOneByte()) {
    text->WriteOneByteV2(isolate, 0, length, reinterpret_cast<std::uint8_t*>(narrowed.data()));
    return narrowed;
  }
  std::vector<std::uint16_t> units(length);
  text->WriteV2(isolate, 0, length, units.data());
  for (std::size_t i = 0; i < length; ++i) {
    narrowed[i] = units[i] < 256 ? static_cast<char>(units[i]) : '\x01';
  }
  return narrowed;
}

// Forgiving, as Node is: both alphabets, what belongs to neither is skipped, "=" ends it.
std::size_t from_base64(std::string_view text, std::span<std::uint8_t> out) {
  std::uint32_t held = 0;
  int bits = 0;
  std::size_t written = 0;
  for (char c : text) {
    if (c == '=') break;
    auto byte = static_cast<unsigned char>(c);
    int value = byte < 128 ? kFromBase64[byte] : -1;
    if (value < 0) continue;
    held = (held << 6) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      if (written == out.size()) break;
      bits -= 8;
      out[written++] = static_cast<std::uint8_t>(held >> bits);
    }
  }
  return written;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::size_t from_hex(std::string_view text, std::span<std::uint8_t> out) {
  std::size_t written = 0;
  for (std::size_t i = 0; i + 1 < text.size() && written < out.size(); i += 2) {
    int high = hex_value(text[i]);
    int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) break;
    out[written++] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return written;
}

}  // namespace

std::optional<TextEncoding> find_text_encoding(std::string_view name) {
  std::string lower;
  for (char c : name.substr(0, 16)) {
    lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  }
  if (lower == "utf8" || lower == "utf-8") return TextEncoding::Utf8;
  if (lower == "ucs2" || lower == "ucs-2" || lower == "utf16le" || lower == "utf-16le") {
    return TextEncoding::Ucs2;
  }
  if (lower == "latin1" || lower == "binary") return TextEncoding::Latin1;
  if (lower == "base64") return TextEncoding::Base64;
  if (lower == "base64url") return TextEncoding::Base64Url;
  if (lower == "hex") return TextEncoding::Hex;
  if (lower == "ascii") return TextEncoding::Ascii;
  if (lower == "buffer") return TextEncoding::Buffer;
  return std::nullopt;
}

v8::MaybeLocal<v8::String> decode_text(v8::Isolate* isolate, std::span<const std::uint8_t> bytes,
                                       TextEncoding encoding) {
  if (bytes.empty()) return v8::String::Empty(isolate);
  switch (encoding) {
    case TextEncoding::Ascii: {
      if (simdutf::validate_ascii(reinterpret_cast<const char*>(bytes.data()), bytes.size())) {
        return one_byte(isolate, bytes);
      }
      if (bytes.size() > v8::String::kMaxLength) return too_long(isolate);
      std::string text(bytes.size(), '\0');
      std::ranges::transform(bytes, text.begin(),
                             [](std::uint8_t byte) { return static_cast<char>(byte & 0x7f); });
      return one_byte(isolate, text);
    }
    case TextEncoding::Latin1:
      return one_byte(isolate, bytes);
    case TextEncoding::Ucs2:
      return decode_ucs2(isolate, bytes);
    case TextEncoding::Hex: {
      if (bytes.size() > v8::String::kMaxLength / 2) return too_long(isolate);
      std::string text(bytes.size() * 2, '\0');
      for (std::size_t i = 0; i < bytes.size(); ++i) {
        text[2 * i] = kHexDigits[bytes[i] >> 4];
        text[2 * i + 1] = kHexDigits[bytes[i] & 15];
      }
      return one_byte(isolate, text);
    }
    case TextEncoding::Base64: {
      if (bytes.size() / 3 * 4 > v8::String::kMaxLength) return too_long(isolate);
      std::string text(simdutf::base64_length_from_binary(bytes.size(), simdutf::base64_default),
                       '\0');
      simdutf::binary_to_base64(reinterpret_cast<const char*>(bytes.data()), bytes.size(),
                                text.data(), simdutf::base64_default);
      return one_byte(isolate, text);
    }
    case TextEncoding::Base64Url:
      if (bytes.size() / 3 * 4 > v8::String::kMaxLength) return too_long(isolate);
      return one_byte(isolate, to_base64_url(bytes));
    case TextEncoding::Utf8:
    case TextEncoding::Buffer:
      break;
  }
  return decode_utf8(isolate, bytes);
}

std::string encode_text(v8::Isolate* isolate, v8::Local<v8::String> text, TextEncoding encoding) {
  auto length = static_cast<std::size_t>(text->Length());
  std::string bytes;
  switch (encoding) {
    case TextEncoding::Utf8:
    case TextEncoding::Buffer:
      return js::to_utf8(isolate, text);
    case TextEncoding::Ucs2:
      bytes.resize(length * 2);
      break;
    default:
      bytes.resize(length);  // at least as much as any of them needs
      break;
  }
  bytes.resize(write_text(isolate, text, encoding,
                          std::span(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size())));
  return bytes;
}

std::size_t write_text(v8::Isolate* isolate, v8::Local<v8::String> text, TextEncoding encoding,
                       std::span<std::uint8_t> out) {
  auto length = static_cast<std::uint32_t>(text->Length());
  switch (encoding) {
    case TextEncoding::Utf8:
    case TextEncoding::Buffer:
      return text->WriteUtf8V2(isolate, reinterpret_cast<char*>(out.data()), out.size(),
                               v8::String::WriteFlags::kReplaceInvalidUtf8);
    case TextEncoding::Ascii:
    case TextEncoding::Latin1: {
      auto count = static_cast<std::uint32_t>(std::min<std::size_t>(length, out.size()));
      text->WriteOneByteV2(isolate, 0, count, out.data());
      return count;
    }
    case TextEncoding::Ucs2: {
      auto count = static_cast<std::uint32_t>(std::min<std::size_t>(length, out.size() / 2));
      if (count == 0) return 0;
      if (reinterpret_cast<std::uintptr_t>(out.data()) % 2 == 0) {
        text->WriteV2(isolate, 0, count, reinterpret_cast<std::uint16_t*>(out.data()));
      } else {
        std::vector<std::uint16_t> units(count);
        text->WriteV2(isolate, 0, count, units.data());
        std::memcpy(out.data(), units.data(), std::size_t{count} * 2);
      }
      return std::size_t{count} * 2;
    }
    case TextEncoding::Base64:
    case TextEncoding::Base64Url: {
      std::string narrowed = narrow(isolate, text);
      return from_base64(narrowed, out);
    }
    case TextEncoding::Hex:
      return from_hex(narrow(isolate, text), out);
  }
  return 0;
}

}  // namespace atoll::nodeapi
