// internalBinding('string_decoder'): text from chunks that may end in the middle of a character.
// The state is a small buffer that scripts can get at, so what it says is checked.
#include <algorithm>
#include <cstring>

#include "nodeapi/bindings/bindings.h"
#include "nodeapi/bindings/text_encoding.h"

namespace atoll::nodeapi {
namespace {

constexpr std::size_t kMissing = 4;  // after up to four bytes of an incomplete character
constexpr std::size_t kBuffered = 5;
constexpr std::size_t kEncoding = 6;
constexpr std::size_t kSize = 7;

struct State {
  std::uint8_t held[4];
  std::size_t missing;
  std::size_t buffered;
  TextEncoding encoding;
};

// Scripts can reach the bytes of the state. False with an exception pending.
bool read_state(v8::Isolate* isolate, v8::Local<v8::Value> value, State& state) {
  ReadBytes source(value);
  std::span<const std::uint8_t> bytes = source.bytes();
  const char* problem = nullptr;
  if (bytes.size() != kSize) {
    problem = "Invalid StringDecoder";
  } else if (bytes[kBuffered] > 4) {
    problem = "Buffered bytes cannot exceed 4";
  } else if (bytes[kMissing] > 4) {
    problem = "Missing bytes cannot exceed 4";
  } else if (bytes[kEncoding] > static_cast<int>(TextEncoding::Base64Url)) {
    problem = "Invalid StringDecoder state";
  }
  if (problem != nullptr) {
    js::throw_type_error(isolate, problem);
    return false;
  }
  std::memcpy(state.held, bytes.data(), sizeof state.held);
  state.buffered = bytes[kBuffered];
  state.missing = std::min<std::size_t>(bytes[kMissing], 4 - state.buffered);
  state.encoding = static_cast<TextEncoding>(bytes[kEncoding]);
  return true;
}

void write_state(v8::Local<v8::Value> value, const State& state) {
  std::span<std::uint8_t> target = writable_bytes(value);
  if (target.size() < kSize) return;
  std::memcpy(target.data(), state.held, sizeof state.held);
  target[kMissing] = static_cast<std::uint8_t>(state.missing);
  target[kBuffered] = static_cast<std::uint8_t>(state.buffered);
}

bool spans_bytes(TextEncoding encoding) {
  return encoding == TextEncoding::Utf8 || encoding == TextEncoding::Ucs2 ||
         encoding == TextEncoding::Base64 || encoding == TextEncoding::Base64Url;
}

// Takes from `data` what completes the held character, if it can be completed.
v8::MaybeLocal<v8::String> complete(v8::Isolate* isolate, State& state,
                                    std::span<const std::uint8_t>& data) {
  if (state.encoding == TextEncoding::Utf8) {
    for (std::size_t i = 0; i < state.missing && i < data.size(); ++i) {
      if ((data[i] & 0xC0) != 0x80) {  // it never will be complete
        state.missing = i;
        break;
      }
    }
  }
  std::size_t found = std::min(state.missing, data.size());
  std::memcpy(state.held + state.buffered, data.data(), found);
  data = data.subspan(found);
  state.missing -= found;
  state.buffered += found;
  if (state.missing > 0) return v8::String::Empty(isolate);
  std::size_t size = std::exchange(state.buffered, 0);
  if (state.encoding == TextEncoding::Ucs2 && size == 2 && (state.held[1] & 0xFC) == 0xD8) {
    state.buffered = 2;  // half of a pair
    state.missing = 2;
    return v8::String::Empty(isolate);
  }
  if (state.encoding == TextEncoding::Ucs2 && size == 4 && (state.held[3] & 0xFC) == 0xD8) {
    v8::MaybeLocal<v8::String> first = decode_text(isolate, {state.held, 2}, state.encoding);
    std::memmove(state.held, state.held + 2, 2);
    state.buffered = 2;
    state.missing = 2;
    return first;
  }
  return decode_text(isolate, {state.held, size}, state.encoding);
}

// How many bytes at the end belong to an incomplete character; sets what it lacks.
void find_incomplete(State& state, std::span<const std::uint8_t> data) {
  std::size_t size = data.size();
  switch (state.encoding) {
    case TextEncoding::Utf8:
      for (std::size_t back = 1; back <= 3 && back <= size; ++back) {
        std::uint8_t byte = data[size - back];
        if ((byte & 0xC0) == 0x80) continue;
        std::size_t needed = 0;
        if ((byte & 0xE0) == 0xC0) needed = 2;
        if ((byte & 0xF0) == 0xE0) needed = 3;
        if ((byte & 0xF8) == 0xF0) needed = 4;
        if (needed > back) {
          state.buffered = back;
          state.missing = needed - back;
        }
        return;
      }
      return;
    case TextEncoding::Ucs2:
      if (size % 2 == 1) {
        state.buffered = 1;
        state.missing = 1;
      } else if ((data[size - 1] & 0xFC) == 0xD8) {
        state.buffered = 2;
        state.missing = 2;
      }
      return;
    case TextEncoding::Base64:
    case TextEncoding::Base64Url:
      state.buffered = size % 3;
      if (state.buffered > 0) state.missing = 3 - state.buffered;
      return;
    default:
      return;
  }
}

// (state, bytes) → string
void decode(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  State state;
  ReadBytes input(info[1]);
  if (!read_state(isolate, info[0], state)) return;
  if (!input.valid()) {
    return throw_coded(isolate, ErrorClass::TypeError, "ERR_INVALID_ARG_TYPE",
                       "The \"buf\" argument must be an instance of Buffer, TypedArray, or "
                       "DataView.");
  }
  std::span<const std::uint8_t> data = input.bytes();
  v8::Local<v8::String> text = v8::String::Empty(isolate);
  if (!spans_bytes(state.encoding)) {
    if (decode_text(isolate, data, state.encoding).ToLocal(&text)) info.GetReturnValue().Set(text);
    return;
  }
  v8::Local<v8::String> before = text;
  while (state.missing > 0 && !data.empty()) {
    v8::Local<v8::String> completed;
    if (!complete(isolate, state, data).ToLocal(&completed)) return;
    before = v8::String::Concat(isolate, before, completed);
  }
  if (!data.empty()) {
    find_incomplete(state, data);
    std::size_t whole = data.size() - state.buffered;
    std::memcpy(state.held, data.data() + whole, state.buffered);
    if (!decode_text(isolate, data.first(whole), state.encoding).ToLocal(&text)) return;
  }
  write_state(info[0], state);
  info.GetReturnValue().Set(v8::String::Concat(isolate, before, text));
}

// (state) → what is left, as far as it makes text
void flush(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  State state;
  if (!read_state(info.GetIsolate(), info[0], state)) return;
  std::size_t size = state.buffered;
  if (state.encoding == TextEncoding::Ucs2) size -= size % 2;
  v8::Local<v8::String> text;
  if (!decode_text(isolate, {state.held, size}, state.encoding).ToLocal(&text)) return;
  state.missing = 0;
  state.buffered = 0;
  write_state(info[0], state);
  info.GetReturnValue().Set(text);
}

constexpr js::NativeFunction kFunctions[] = {{"decode", decode}, {"flush", flush}};

bool add_constants(v8::Local<v8::Context> context, v8::Local<v8::Object> binding) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  v8::Local<v8::Value> names[] = {
      js::symbol_to_v8(isolate, "ascii"),  js::symbol_to_v8(isolate, "utf8"),
      js::symbol_to_v8(isolate, "base64"), js::symbol_to_v8(isolate, "utf16le"),
      js::symbol_to_v8(isolate, "latin1"), js::symbol_to_v8(isolate, "hex"),
      js::symbol_to_v8(isolate, "buffer"), js::symbol_to_v8(isolate, "base64url")};
  return set_value(context, binding, "encodings", v8::Array::New(isolate, names, 8)) &&
         set_number(context, binding, "kIncompleteCharactersStart", 0) &&
         set_number(context, binding, "kIncompleteCharactersEnd", 4) &&
         set_number(context, binding, "kMissingBytes", kMissing) &&
         set_number(context, binding, "kBufferedBytes", kBuffered) &&
         set_number(context, binding, "kEncodingField", kEncoding) &&
         set_number(context, binding, "kNumFields", kSize) &&
         set_number(context, binding, "kSize", kSize);
}

}  // namespace

const Binding kStringDecoderBinding{"string_decoder", kFunctions, add_constants};

}  // namespace atoll::nodeapi
