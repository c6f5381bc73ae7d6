#include "webapi/encoding/encoding_natives.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/check.h"
#include "js/node_simdutf.h"
#include "webapi/encoding/decode.h"
#include "webapi/encoding/labels.h"

namespace atoll::webapi {
namespace {

// Some conversions need native memory, which no isolate's limit counts, in the size of their input.
// Beyond this size they are refused.
constexpr std::size_t kMostBytesWithCopy = std::size_t{32} << 20;

constexpr int kLongestLabel = 1024;

bool may_copy(v8::Isolate* isolate, std::size_t bytes) {
  if (bytes <= kMostBytesWithCopy) return true;
  js::throw_range_error(isolate, "The data is too long to be converted at once.");
  return false;
}

std::uint32_t uint32_of(v8::Local<v8::Value> value) { return value.As<v8::Uint32>()->Value(); }

std::size_t size_of(v8::Local<v8::Value> value) {
  return static_cast<std::size_t>(value.As<v8::Number>()->Value());
}

// Bytes [start, end) of a buffer source, never more than it has.
std::string_view slice(v8::Local<v8::Value> source, v8::Local<v8::Value> start,
                       v8::Local<v8::Value> end) {
  auto bytes = js::bytes_of(source);
  if (!bytes) return {};
  const std::size_t last = std::min(size_of(end), bytes->size());
  const std::size_t first = std::min(size_of(start), last);
  return {reinterpret_cast<const char*>(bytes->data()) + first, last - first};
}

void set_string(const js::Arguments& arguments, v8::MaybeLocal<v8::String> result) {
  v8::Local<v8::String> text;
  if (result.ToLocal(&text)) {
    arguments.GetReturnValue().Set(text);
  } else {
    js::throw_range_error(arguments.GetIsolate(), "The decoded string is too long.");
  }
}

void set_text(const js::Arguments& arguments, const std::optional<std::u16string>& text) {
  if (!text) return;  // undefined: malformed
  set_string(arguments,
             v8::String::NewFromTwoByte(
                 arguments.GetIsolate(), reinterpret_cast<const std::uint16_t*>(text->data()),
                 v8::NewStringType::kNormal, static_cast<int>(text->size())));
}

v8::MaybeLocal<v8::String> latin1_string(v8::Isolate* isolate, std::string_view text) {
  return v8::String::NewFromOneByte(isolate, reinterpret_cast<const std::uint8_t*>(text.data()),
                                    v8::NewStringType::kNormal, static_cast<int>(text.size()));
}

void utf8_encode(const js::Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  v8::Local<v8::String> text = arguments[0].As<v8::String>();
  const std::size_t size = text->Utf8LengthV2(isolate);
  v8::Local<v8::ArrayBuffer> buffer;
  if (!v8::ArrayBuffer::MaybeNew(isolate, size, v8::BackingStoreInitializationMode::kUninitialized)
           .ToLocal(&buffer)) {
    js::throw_range_error(isolate, "Array buffer allocation failed");
    return;
  }
  if (size > 0) {
    text->WriteUtf8V2(isolate, static_cast<char*>(buffer->Data()), size,
                      v8::String::WriteFlags::kReplaceInvalidUtf8);
  }
  arguments.GetReturnValue().Set(v8::Uint8Array::New(buffer, 0, size));
}

void utf8_encode_into(const js::Arguments& arguments) {
  auto target = js::bytes_of(arguments[1]);
  auto counts = js::bytes_of(arguments[2]);
  CHECK(target && counts && counts->size() == 2 * sizeof(std::uint32_t));
  std::size_t read = 0;
  std::size_t written = 0;
  if (!target->empty()) {
    written = arguments[0].As<v8::String>()->WriteUtf8V2(
        arguments.GetIsolate(), reinterpret_cast<char*>(target->data()), target->size(),
        v8::String::WriteFlags::kReplaceInvalidUtf8, &read);
  }
  const std::uint32_t values[2] = {static_cast<std::uint32_t>(read),
                                   static_cast<std::uint32_t>(written)};
  std::memcpy(counts->data(), values, sizeof(values));
}

void utf8_decode(const js::Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  std::string_view bytes = slice(arguments[0], arguments[1], arguments[2]);
  const std::uint32_t flags = uint32_of(arguments[3]);
  if ((flags & kStripBom) && bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  if (simdutf::validate_ascii(bytes.data(), bytes.size())) {
    set_string(arguments, latin1_string(isolate, bytes));
    return;
  }
  if ((flags & kFatal) && !simdutf::validate_utf8(bytes.data(), bytes.size())) return;
  set_string(arguments, v8::String::NewFromUtf8(isolate, bytes.data(), v8::NewStringType::kNormal,
                                                static_cast<int>(bytes.size())));
}

void utf16_decode(const js::Arguments& arguments) {
  const std::string_view bytes = slice(arguments[0], arguments[1], arguments[2]);
  if (!may_copy(arguments.GetIsolate(), bytes.size())) return;
  set_text(arguments, decode_utf16(bytes, uint32_of(arguments[3])));
}

void legacy_decode(const js::Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  const std::string encoding = js::to_utf8(isolate, arguments[0]);
  const std::string_view bytes = slice(arguments[1], arguments[2], arguments[3]);
  if (!may_copy(isolate, bytes.size())) return;
  auto rest = js::bytes_of(arguments[5]);
  CHECK(rest && rest->size() == sizeof(std::uint32_t));
  std::uint32_t pending = 0;
  if (encoding == "windows-1252" &&
      std::ranges::none_of(bytes, [](unsigned char c) { return c >= 0x80 && c < 0xA0; })) {
    set_string(arguments, latin1_string(isolate, bytes));
  } else {
    set_text(arguments, decode_legacy(encoding, bytes, uint32_of(arguments[4]), pending));
  }
  std::memcpy(rest->data(), &pending, sizeof(pending));
}

void encoding_of(const js::Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  if (arguments[0].As<v8::String>()->Length() > kLongestLabel) return;
  const std::string_view name = encoding_of_label(js::to_utf8(isolate, arguments[0]));
  if (!name.empty()) arguments.GetReturnValue().Set(js::symbol_to_v8(isolate, name));
}

// The characters as bytes; nothing if one is above U+00FF, or with an exception pending.
std::optional<std::string> binary_of(v8::Isolate* isolate, v8::Local<v8::String> text) {
  if (!may_copy(isolate, static_cast<std::size_t>(text->Length()))) return std::nullopt;
  if (!text->ContainsOnlyOneByte()) return std::nullopt;
  std::string bytes(text->Length(), '\0');
  text->WriteOneByteV2(isolate, 0, bytes.size(), reinterpret_cast<std::uint8_t*>(bytes.data()));
  return bytes;
}

void base64_decode(const js::Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  const auto text = binary_of(isolate, arguments[0].As<v8::String>());
  if (!text) return;
  std::string bytes(simdutf::maximal_binary_length_from_base64(text->data(), text->size()), '\0');
  const auto result = simdutf::base64_to_binary(text->data(), text->size(), bytes.data(),
                                                simdutf::base64_default, simdutf::loose);
  if (result.error != simdutf::error_code::SUCCESS) return;
  set_string(arguments, latin1_string(isolate, std::string_view(bytes).substr(0, result.count)));
}

void base64_encode(const js::Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  const auto bytes = binary_of(isolate, arguments[0].As<v8::String>());
  if (!bytes) return;
  std::string text(simdutf::base64_length_from_binary(bytes->size(), simdutf::base64_default),
                   '\0');
  simdutf::binary_to_base64(bytes->data(), bytes->size(), text.data(), simdutf::base64_default);
  set_string(arguments, latin1_string(isolate, text));
}

// The class itself is not there yet when the snapshot is made.
void is_shared_array_buffer(const js::Arguments& info) {
  info.GetReturnValue().Set(info[0]->IsSharedArrayBuffer());
}

constexpr js::NativeFunction kNatives[] = {
    {"isSharedArrayBuffer", is_shared_array_buffer},
    {"utf8Encode", utf8_encode},
    {"utf8EncodeInto", utf8_encode_into},
    {"utf8Decode", utf8_decode},
    {"utf16Decode", utf16_decode},
    {"legacyDecode", legacy_decode},
    {"encodingOf", encoding_of},
    {"base64Decode", base64_decode},
    {"base64Encode", base64_encode},
};

}  // namespace

js::NativeTable encoding_natives() { return kNatives; }

}  // namespace atoll::webapi
