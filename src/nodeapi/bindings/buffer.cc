// internalBinding('buffer'). Every argument may come straight from a script: methods such as
// buffer.utf8Write() hand theirs on as they are.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "js/node_simdutf.h"
#include "nodeapi/bindings/bindings.h"
#include "nodeapi/bindings/text_encoding.h"

namespace atoll::nodeapi {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr double kMaxBufferLength = 9007199254740991;  // what V8 says of typed arrays

// A count or position: absent values give `otherwise`, negative ones are refused.
std::optional<std::size_t> position(const js::Arguments& info, int index, std::size_t otherwise) {
  v8::Local<v8::Value> value = info[index];
  if (value->IsUndefined()) return otherwise;
  double number = 0;
  if (!value->NumberValue(info.GetIsolate()->GetCurrentContext()).To(&number)) return std::nullopt;
  if (std::isnan(number)) return 0;
  if (number < 0) {
    throw_coded(info.GetIsolate(), ErrorClass::RangeError, "ERR_OUT_OF_RANGE",
                "Index out of range");
    return std::nullopt;
  }
  return static_cast<std::size_t>(std::min(number, 9e15));
}

void not_a_buffer(v8::Isolate* isolate) {
  throw_coded(isolate, ErrorClass::TypeError, "ERR_INVALID_ARG_TYPE", "argument must be a buffer");
}

template <TextEncoding encoding>
void slice(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  // Coercions run the script's code, so they come before the bytes are looked at.
  auto start = position(info, 1, 0);
  if (!start) return;
  auto end = position(info, 2, ~std::size_t{0});
  if (!end) return;
  ReadBytes buffer(info[0]);
  if (!buffer.valid()) return not_a_buffer(isolate);
  Bytes bytes = buffer.bytes();
  if (info[2]->IsUndefined()) end = bytes.size();
  if (*end < *start) end = start;
  if (*end > bytes.size()) {
    return throw_coded(isolate, ErrorClass::RangeError, "ERR_OUT_OF_RANGE", "Index out of range");
  }
  v8::Local<v8::String> text;
  if (decode_text(isolate, bytes.subspan(*start, *end - *start), encoding).ToLocal(&text)) {
    info.GetReturnValue().Set(text);
  }
}

// (buffer, string, offset, length) → bytes written
template <TextEncoding encoding>
void write(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[1]->IsString()) {
    return throw_coded(isolate, ErrorClass::TypeError, "ERR_INVALID_ARG_TYPE",
                       "argument must be a string");
  }
  auto offset = position(info, 2, 0);
  if (!offset) return;
  auto length = position(info, 3, ~std::size_t{0});
  if (!length) return;
  if (!info[0]->IsArrayBufferView()) return not_a_buffer(isolate);
  std::span<std::uint8_t> bytes = writable_bytes(info[0]);
  if (*offset > bytes.size()) {
    return throw_coded(isolate, ErrorClass::RangeError, "ERR_BUFFER_OUT_OF_BOUNDS",
                       "\"offset\" is outside of buffer bounds");
  }
  bytes = bytes.subspan(*offset);
  bytes = bytes.first(std::min(bytes.size(), *length));
  std::size_t written =
      bytes.empty() ? 0 : write_text(isolate, info[1].As<v8::String>(), encoding, bytes);
  info.GetReturnValue().Set(static_cast<double>(written));
}

void byte_length_utf8(const js::Arguments& info) {
  if (!info[0]->IsString()) return;
  info.GetReturnValue().Set(
      static_cast<double>(info[0].As<v8::String>()->Utf8LengthV2(info.GetIsolate())));
}

int order(Bytes left, Bytes right) {
  std::size_t common = std::min(left.size(), right.size());
  int result = common == 0 ? 0 : std::memcmp(left.data(), right.data(), common);
  if (result != 0) return result < 0 ? -1 : 1;
  if (left.size() == right.size()) return 0;
  return left.size() < right.size() ? -1 : 1;
}

void compare(const js::Arguments& info) {
  ReadBytes left(info[0]);
  ReadBytes right(info[1]);
  if (!left.valid() || !right.valid()) return not_a_buffer(info.GetIsolate());
  info.GetReturnValue().Set(order(left.bytes(), right.bytes()));
}

// (source, target, targetStart, sourceStart, targetEnd, sourceEnd)
void compare_offset(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  std::size_t numbers[4];
  for (int i = 0; i < 4; ++i) {
    auto number = position(info, i + 2, 0);
    if (!number) return;
    numbers[i] = *number;
  }
  auto [target_start, source_start, target_end, source_end] = numbers;
  ReadBytes source_bytes(info[0]);
  ReadBytes target_bytes(info[1]);
  Bytes source = source_bytes.bytes();
  Bytes target = target_bytes.bytes();
  if (source_start > source.size()) {
    return throw_coded(isolate, ErrorClass::RangeError, "ERR_OUT_OF_RANGE",
                       "The value of \"sourceStart\" is out of range.");
  }
  if (target_start > target.size()) {
    return throw_coded(isolate, ErrorClass::RangeError, "ERR_OUT_OF_RANGE",
                       "The value of \"targetStart\" is out of range.");
  }
  auto part = [](Bytes bytes, std::size_t start, std::size_t end) {
    end = std::clamp(end, start, bytes.size());
    return bytes.subspan(start, end - start);
  };
  info.GetReturnValue().Set(
      order(part(source, source_start, source_end), part(target, target_start, target_end)));
}

// (source, target, targetStart, sourceStart, count) → bytes copied
void copy(const js::Arguments& info) {
  std::size_t numbers[3];
  for (int i = 0; i < 3; ++i) {
    auto number = position(info, i + 2, 0);
    if (!number) return;
    numbers[i] = *number;
  }
  auto [target_start, source_start, count] = numbers;
  std::span<std::uint8_t> source = writable_bytes(info[0]);
  std::span<std::uint8_t> target = writable_bytes(info[1]);
  if (source_start > source.size() || target_start > target.size()) {
    return info.GetReturnValue().Set(0);
  }
  count = std::min({count, source.size() - source_start, target.size() - target_start});
  if (count > 0) std::memmove(target.data() + target_start, source.data() + source_start, count);
  info.GetReturnValue().Set(static_cast<double>(count));
}

// (buffer, value, offset, end, encoding) → undefined, -1 (nothing to fill with), -2 (out of bounds)
void fill(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  auto start = position(info, 2, 0);
  if (!start) return;
  auto end = position(info, 3, 0);
  if (!end) return;
  std::string pattern;
  if (info[1]->IsString()) {
    std::string name = info[4]->IsString() ? js::to_utf8(isolate, info[4]) : "utf8";
    pattern = encode_text(isolate, info[1].As<v8::String>(),
                          find_text_encoding(name).value_or(TextEncoding::Utf8));
  } else if (info[1]->IsArrayBufferView()) {
    pattern = ReadBytes(info[1]).text();
  } else {
    std::uint32_t value = 0;
    if (!info[1]->Uint32Value(isolate->GetCurrentContext()).To(&value)) return;
    pattern.push_back(static_cast<char>(value & 255));
  }
  std::span<std::uint8_t> bytes = writable_bytes(info[0]);
  if (*start > *end || *end > bytes.size()) return info.GetReturnValue().Set(-2);
  if (*start == *end) return;
  if (pattern.empty()) return info.GetReturnValue().Set(-1);
  bytes = bytes.subspan(*start, *end - *start);
  std::size_t filled = std::min(pattern.size(), bytes.size());
  std::memcpy(bytes.data(), pattern.data(), filled);
  while (filled < bytes.size()) {  // doubles what is there
    std::size_t more = std::min(filled, bytes.size() - filled);
    std::memcpy(bytes.data() + filled, bytes.data(), more);
    filled += more;
  }
}

// Where a search begins; nothing when it cannot succeed. Node's rules for negative offsets.
std::optional<std::size_t> search_start(std::size_t length, double offset, std::size_t needle,
                                        bool forward) {
  auto size = static_cast<double>(length);
  double start = 0;
  if (offset < 0) {
    if (offset + size >= 0) {
      start = size + offset;
    } else if (forward || needle == 0) {
      start = 0;
    } else {
      return std::nullopt;
    }
  } else if (offset + static_cast<double>(needle) <= size) {
    start = offset;
  } else if (needle == 0) {
    start = size;
  } else if (forward) {
    return std::nullopt;
  } else {
    start = size - 1;
  }
  return static_cast<std::size_t>(start);
}

// The first (or last) place at or after (before) `start` that is a multiple of `unit`.
std::int64_t find_bytes(Bytes haystack, Bytes needle, std::size_t start, bool forward,
                        std::size_t unit) {
  if (needle.size() > haystack.size()) return -1;
  std::size_t last = haystack.size() - needle.size();
  if (!forward) {
    for (std::size_t at = std::min(start, last) / unit * unit;; at -= unit) {
      if (std::memcmp(haystack.data() + at, needle.data(), needle.size()) == 0) {
        return static_cast<std::int64_t>(at);
      }
      if (at < unit) return -1;
    }
  }
  std::size_t at = start / unit * unit;
  while (at <= last) {
    const void* found =
        ::memmem(haystack.data() + at, haystack.size() - at, needle.data(), needle.size());
    if (found == nullptr) return -1;
    at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - haystack.data());
    if (at % unit == 0) return static_cast<std::int64_t>(at);
    ++at;
  }
  return -1;
}

std::int64_t search(Bytes haystack, Bytes needle, double offset, TextEncoding encoding,
                    bool forward) {
  auto start = search_start(haystack.size(), offset, needle.size(), forward);
  if (!start) return -1;
  if (needle.empty()) return static_cast<std::int64_t>(*start);
  if (haystack.empty()) return -1;
  std::size_t unit = 1;
  if (encoding == TextEncoding::Ucs2) {
    unit = 2;
    if (haystack.size() < 2 || needle.size() < 2) return -1;
    haystack = haystack.first(haystack.size() / 2 * 2);
    needle = needle.first(needle.size() / 2 * 2);
  }
  if (forward && *start + needle.size() > haystack.size()) return -1;
  return find_bytes(haystack, needle, *start, forward, unit);
}

struct SearchArguments {
  double offset = 0;
  TextEncoding encoding = TextEncoding::Utf8;
  bool forward = true;
  double end = 0;
};

// From argument 2 on: offset, [encoding], forward, end.
std::optional<SearchArguments> search_arguments(const js::Arguments& info, bool has_encoding) {
  v8::Local<v8::Context> context = info.GetIsolate()->GetCurrentContext();
  SearchArguments read;
  int index = 2;
  if (!info[index++]->NumberValue(context).To(&read.offset)) return std::nullopt;
  if (std::isnan(read.offset)) read.offset = 0;
  read.offset = std::trunc(read.offset);
  if (has_encoding) {
    std::int32_t number = info[index]->IsInt32() ? info[index].As<v8::Int32>()->Value() : 1;
    if (number < 0 || number > 7) number = 1;
    read.encoding = static_cast<TextEncoding>(number);
    ++index;
  }
  read.forward = info[index++]->BooleanValue(info.GetIsolate());
  read.end = 9e15;
  if (!info[index]->IsUndefined()) {
    if (!info[index]->NumberValue(context).To(&read.end)) return std::nullopt;
    if (std::isnan(read.end)) read.end = 0;
  }
  return read;
}

Bytes until(Bytes bytes, double end) {
  if (end < 0) end += static_cast<double>(bytes.size());
  if (end <= 0) return {};
  if (end >= static_cast<double>(bytes.size())) return bytes;
  return bytes.first(static_cast<std::size_t>(end));
}

void return_index(const js::Arguments& info, std::int64_t index) {
  info.GetReturnValue().Set(static_cast<double>(index));
}

void index_of_string(const js::Arguments& info) {
  if (!info[1]->IsString()) return return_index(info, -1);
  auto arguments = search_arguments(info, true);
  if (!arguments) return;
  std::string needle =
      encode_text(info.GetIsolate(), info[1].As<v8::String>(), arguments->encoding);
  ReadBytes haystack(info[0]);
  return_index(info, search(until(haystack.bytes(), arguments->end),
                            {reinterpret_cast<const std::uint8_t*>(needle.data()), needle.size()},
                            arguments->offset, arguments->encoding, arguments->forward));
}

void index_of_buffer(const js::Arguments& info) {
  auto arguments = search_arguments(info, true);
  if (!arguments) return;
  ReadBytes haystack(info[0]);
  ReadBytes needle(info[1]);
  return_index(info, search(until(haystack.bytes(), arguments->end), needle.bytes(),
                            arguments->offset, arguments->encoding, arguments->forward));
}

void index_of_number(const js::Arguments& info) {
  auto arguments = search_arguments(info, false);
  if (!arguments) return;
  std::uint32_t number = 0;
  if (!info[1]->Uint32Value(info.GetIsolate()->GetCurrentContext()).To(&number)) return;
  auto byte = static_cast<std::uint8_t>(number);
  ReadBytes haystack(info[0]);
  return_index(info, search(until(haystack.bytes(), arguments->end), {&byte, 1}, arguments->offset,
                            TextEncoding::Latin1, arguments->forward));
}

template <std::size_t width>
void swap(const js::Arguments& info) {
  std::span<std::uint8_t> bytes = writable_bytes(info[0]);
  for (std::size_t i = 0; i + width <= bytes.size(); i += width) {
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i),
                 bytes.begin() + static_cast<std::ptrdiff_t>(i + width));
  }
  info.GetReturnValue().Set(info[0]);
}

void is_ascii(const js::Arguments& info) {
  ReadBytes input(info[0]);
  info.GetReturnValue().Set(input.text().empty() ||
                            simdutf::validate_ascii(input.text().data(), input.text().size()));
}

void is_utf8(const js::Arguments& info) {
  ReadBytes input(info[0]);
  info.GetReturnValue().Set(input.text().empty() ||
                            simdutf::validate_utf8(input.text().data(), input.text().size()));
}

void create_unsafe_array_buffer(const js::Arguments& info) {
  auto size = position(info, 0, 0);
  if (!size) return;
  v8::Local<v8::ArrayBuffer> buffer;
  if (!v8::ArrayBuffer::MaybeNew(info.GetIsolate(), *size,
                                 v8::BackingStoreInitializationMode::kZeroInitialized)
           .ToLocal(&buffer)) {
    return throw_coded(info.GetIsolate(), ErrorClass::RangeError, "ERR_MEMORY_ALLOCATION_FAILED",
                       "Array buffer allocation failed");
  }
  info.GetReturnValue().Set(buffer);
}

// (buffer, alignment) → the first offset with an address of that alignment
void aligned_offset(const js::Arguments& info) {
  auto alignment = position(info, 1, 1);
  if (!alignment) return;
  auto address = reinterpret_cast<std::uintptr_t>(writable_bytes(info[0]).data());
  std::size_t beyond = *alignment == 0 ? 0 : address % *alignment;
  info.GetReturnValue().Set(static_cast<double>(beyond == 0 ? 0 : *alignment - beyond));
}

void nothing(const js::Arguments&) {}

constexpr js::NativeFunction kFunctions[] = {
    {"asciiSlice", slice<TextEncoding::Ascii>},
    {"base64Slice", slice<TextEncoding::Base64>},
    {"base64urlSlice", slice<TextEncoding::Base64Url>},
    {"latin1Slice", slice<TextEncoding::Latin1>},
    {"hexSlice", slice<TextEncoding::Hex>},
    {"ucs2Slice", slice<TextEncoding::Ucs2>},
    {"utf8Slice", slice<TextEncoding::Utf8>},
    {"asciiWriteStatic", write<TextEncoding::Ascii>},
    {"latin1WriteStatic", write<TextEncoding::Latin1>},
    {"utf8WriteStatic", write<TextEncoding::Utf8>},
    {"base64Write", write<TextEncoding::Base64>},
    {"base64urlWrite", write<TextEncoding::Base64Url>},
    {"hexWrite", write<TextEncoding::Hex>},
    {"ucs2Write", write<TextEncoding::Ucs2>},
    {"byteLengthUtf8", byte_length_utf8},
    {"compare", compare},
    {"compareOffset", compare_offset},
    {"copy", copy},
    {"fill", fill},
    {"isAscii", is_ascii},
    {"isUtf8", is_utf8},
    {"indexOfBuffer", index_of_buffer},
    {"indexOfNumber", index_of_number},
    {"indexOfString", index_of_string},
    {"swap16", swap<2>},
    {"swap32", swap<4>},
    {"swap64", swap<8>},
    {"createUnsafeArrayBuffer", create_unsafe_array_buffer},
    {"arrayBufferAlignedOffset", aligned_offset},
    {"setDetachKey", nothing},
};

bool add_constants(v8::Local<v8::Context> context, v8::Local<v8::Object> binding) {
  return set_number(context, binding, "kMaxLength", kMaxBufferLength) &&
         set_number(context, binding, "kStringMaxLength", v8::String::kMaxLength);
}

}  // namespace

const Binding kBufferBinding{"buffer", kFunctions, add_constants};

}  // namespace atoll::nodeapi
