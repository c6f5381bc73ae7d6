// internalBinding('zlib'), the native half: codecs behind opaque buffers that
// library/atoll/bindings/zlib.js keeps in private fields.
#include <zlib.h>

#include <algorithm>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "js/platform.h"
#include "nodeapi/bindings/bindings.h"
#include "nodeapi/bindings/codec.h"

namespace atoll::nodeapi {
namespace {

// Between two steps of this size the watchdog can stop the script.
constexpr std::size_t kMostPerStep = std::size_t{1} << 20;

struct Handle {
  std::unique_ptr<Codec> codec;  // null once closed
};

constexpr std::size_t kHandleSize = sizeof(Handle);

// So that no other buffer is ever taken for one. Handles are freed on V8's threads, too.
class LiveHandles {
 public:
  void add(const void* handle) {
    std::lock_guard lock(mutex_);
    handles_.insert(handle);
  }
  void remove(const void* handle) {
    std::lock_guard lock(mutex_);
    handles_.erase(handle);
  }
  bool contains(const void* handle) {
    std::lock_guard lock(mutex_);
    return handles_.contains(handle);
  }

 private:
  std::mutex mutex_;
  std::unordered_set<const void*> handles_;
};
LiveHandles& live_handles() {
  static LiveHandles& handles = *new LiveHandles;
  return handles;
}

Codec* codec_of(v8::Local<v8::Value> value) {
  if (!value->IsArrayBuffer()) return nullptr;
  auto buffer = value.As<v8::ArrayBuffer>();
  if (!live_handles().contains(buffer->Data())) return nullptr;
  return static_cast<Handle*>(buffer->Data())->codec.get();
}

int integer(v8::Local<v8::Value> value) {
  return value->IsInt32() ? value.As<v8::Int32>()->Value() : 0;
}

std::string bytes_as_text(v8::Local<v8::Value> value) {
  ReadBytes bytes(value);
  return std::string(bytes.text());
}

std::vector<std::uint32_t> numbers(v8::Local<v8::Value> value) {
  ReadBytes bytes(value);
  std::vector<std::uint32_t> read(bytes.bytes().size() / sizeof(std::uint32_t));
  std::copy_n(bytes.bytes().data(), read.size() * sizeof(std::uint32_t),
              reinterpret_cast<std::uint8_t*>(read.data()));
  return read;
}

void return_handle(const js::Arguments& info, auto&& make) {
  std::unique_ptr<Codec> codec = make();
  if (codec == nullptr) {
    // Streams that were dropped half-way keep their memory until they are collected.
    info.GetIsolate()->LowMemoryNotification();
    codec = make();
  }
  if (codec == nullptr) return;
  // May be called on V8's threads, after the isolate's end.
  auto free_handle = [](void* data, std::size_t, void*) {
    live_handles().remove(data);
    delete static_cast<Handle*>(data);
  };
  auto* handle = new Handle{std::move(codec)};
  live_handles().add(handle);
  info.GetReturnValue().Set(v8::ArrayBuffer::New(
      info.GetIsolate(),
      v8::ArrayBuffer::NewBackingStore(handle, kHandleSize, free_handle, nullptr)));
}

bool is_mode(int mode, CodecMode first, CodecMode last) {
  return mode >= static_cast<int>(first) && mode <= static_cast<int>(last);
}

// (mode, windowBits, level, memLevel, strategy, dictionary, rejectGarbage) → handle or undefined
void open_zlib(const js::Arguments& info) {
  int mode = integer(info[0]);
  if (!is_mode(mode, CodecMode::Deflate, CodecMode::Unzip)) return;
  ZlibOptions options{integer(info[1]), integer(info[2]), integer(info[3]), integer(info[4]),
                      info[6]->IsTrue()};
  std::string dictionary = bytes_as_text(info[5]);
  return_handle(info, [&] {
    return make_zlib_codec(static_cast<CodecMode>(mode), options, dictionary,
                           js::charged_account());
  });
}

// (mode, params, dictionary) → handle or undefined
void open_brotli(const js::Arguments& info) {
  int mode = integer(info[0]);
  if (!is_mode(mode, CodecMode::BrotliDecode, CodecMode::BrotliEncode)) return;
  std::vector<std::uint32_t> params = numbers(info[1]);
  std::string dictionary = bytes_as_text(info[2]);
  return_handle(info, [&] {
    return make_brotli_codec(static_cast<CodecMode>(mode), params, dictionary,
                             js::charged_account());
  });
}

// (mode, params, pledgedSize, dictionary) → handle or undefined
void open_zstd(const js::Arguments& info) {
  int mode = integer(info[0]);
  if (!is_mode(mode, CodecMode::ZstdCompress, CodecMode::ZstdDecompress)) return;
  std::vector<std::uint32_t> params = numbers(info[1]);
  std::optional<std::uint64_t> pledged;
  if (info[2]->IsNumber() && info[2].As<v8::Number>()->Value() >= 0) {
    pledged = static_cast<std::uint64_t>(std::min(info[2].As<v8::Number>()->Value(), 9e15));
  }
  std::string dictionary = bytes_as_text(info[3]);
  return_handle(info, [&] {
    return make_zstd_codec(static_cast<CodecMode>(mode), params, pledged, dictionary,
                           js::charged_account());
  });
}

void return_error(const js::Arguments& info, const std::optional<CodecError>& error) {
  if (!error) return;
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Value> parts[] = {js::to_v8(isolate, error->message),
                                  v8::Integer::New(isolate, error->number),
                                  js::to_v8(isolate, error->code)};
  info.GetReturnValue().Set(v8::Array::New(isolate, parts, 3));
}

std::size_t count(v8::Local<v8::Value> value) {
  double number = value->IsNumber() ? value.As<v8::Number>()->Value() : 0;
  return number > 0 ? static_cast<std::size_t>(std::min(number, 9e15)) : 0;
}

template <class Span>
Span part_of(Span whole, std::size_t offset, std::size_t size) {
  offset = std::min(offset, whole.size());
  return whole.subspan(offset, std::min(size, whole.size() - offset));
}

// (handle, flush, in, inOffset, inLength, out, outOffset, outLength, state) → undefined or
// [message, number, code]; state gets [output left, input left].
void write(const js::Arguments& info) {
  Codec* codec = codec_of(info[0]);
  if (codec == nullptr) return;
  int flush = integer(info[1]);
  std::span<const std::uint8_t> input = part_of(
      std::span<const std::uint8_t>(writable_bytes(info[2])), count(info[3]), count(info[4]));
  std::span<std::uint8_t> output = part_of(writable_bytes(info[5]), count(info[6]), count(info[7]));
  std::optional<CodecError> error;
  while (true) {
    std::span<const std::uint8_t> in = input.first(std::min(input.size(), kMostPerStep));
    std::span<std::uint8_t> out = output.first(std::min(output.size(), kMostPerStep));
    bool is_last = in.size() == input.size();
    std::size_t offered_in = in.size();
    std::size_t offered_out = out.size();
    error = codec->step(in, out, is_last ? flush : 0);
    input = input.subspan(offered_in - in.size());
    output = output.subspan(offered_out - out.size());
    if (error || info.GetIsolate()->IsExecutionTerminating()) break;
    bool output_full = out.empty() && !output.empty();
    bool input_used = !is_last && in.empty();
    if (!output_full && !input_used) break;
  }
  if (!error) error = codec->check_end(!output.empty(), flush);
  std::span<std::uint8_t> state = writable_bytes(info[8]);
  if (state.size() >= 2 * sizeof(std::uint32_t)) {
    std::uint32_t left[] = {static_cast<std::uint32_t>(output.size()),
                            static_cast<std::uint32_t>(input.size())};
    std::copy_n(reinterpret_cast<const std::uint8_t*>(left), sizeof left, state.data());
  }
  return_error(info, error);
}

void reset(const js::Arguments& info) {
  if (Codec* codec = codec_of(info[0])) return_error(info, codec->reset());
}

// (handle, level, strategy)
void set_params(const js::Arguments& info) {
  if (Codec* codec = codec_of(info[0])) {
    return_error(info, codec->set_params(integer(info[1]), integer(info[2])));
  }
}

void close(const js::Arguments& info) {
  if (codec_of(info[0]) == nullptr) return;
  static_cast<Handle*>(info[0].As<v8::ArrayBuffer>()->Data())->codec.reset();
}

// (data, value)
void checksum(const js::Arguments& info) {
  std::uint32_t value = info[1]->IsUint32() ? info[1].As<v8::Uint32>()->Value() : 0;
  if (info[0]->IsString()) {
    std::string text = js::to_utf8(info.GetIsolate(), info[0]);
    value = static_cast<std::uint32_t>(
        crc32_z(value, reinterpret_cast<const Bytef*>(text.data()), text.size()));
  } else {
    ReadBytes bytes(info[0]);
    value = static_cast<std::uint32_t>(crc32_z(value, bytes.bytes().data(), bytes.bytes().size()));
  }
  info.GetReturnValue().Set(value);
}

constexpr js::NativeFunction kFunctions[] = {
    {"openZlib", open_zlib}, {"openBrotli", open_brotli},
    {"openZstd", open_zstd}, {"write", write},
    {"reset", reset},        {"setParams", set_params},
    {"close", close},        {"crc32", checksum},
};

}  // namespace

const Binding kZlibBinding{"zlib", kFunctions};

}  // namespace atoll::nodeapi
