#include "webapi/compression/compression_natives.h"

#include <cstring>
#include <memory>
#include <string>

#include "base/check.h"
#include "http/coding/content_coding.h"
#include "js/platform.h"

namespace atoll::webapi {
namespace {

constexpr std::size_t kMostPerStep = std::size_t{64} << 10;

struct Handle {
  std::unique_ptr<http::Transcoder> transcoder;  // null once closed
};

Handle& handle_of(v8::Local<v8::Value> value) {
  CHECK(value->IsArrayBuffer());
  return *static_cast<Handle*>(value.As<v8::ArrayBuffer>()->Data());
}

http::Coding coding_of(v8::Local<v8::Value> value) {
  switch (value.As<v8::Uint32>()->Value()) {
    case 0:
      return http::Coding::Gzip;
    case 1:
      return http::Coding::Deflate;
    case 2:
      return http::Coding::DeflateRaw;
  }
  CHECK(false);
}

Result<std::unique_ptr<http::Transcoder>> make_transcoder(http::Coding coding, bool decompresses) {
  if (decompresses) return http::make_decoder(coding, js::charged_account());
  return http::make_encoder(coding, std::nullopt, js::charged_account());
}

void transcoder_open(const js::Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  const http::Coding coding = coding_of(arguments[0]);
  const bool decompresses = arguments[1]->IsTrue();
  auto transcoder = make_transcoder(coding, decompresses);
  if (!transcoder) {
    // Streams that were dropped half-way keep their memory until they are collected.
    isolate->LowMemoryNotification();
    transcoder = make_transcoder(coding, decompresses);
  }
  if (!transcoder) {
    js::throw_range_error(isolate, transcoder.error().message());
    return;
  }
  // May be called on V8's threads, after the isolate's end.
  auto free_handle = [](void* data, std::size_t, void*) { delete static_cast<Handle*>(data); };
  auto* handle = new Handle{*std::move(transcoder)};
  arguments.GetReturnValue().Set(v8::ArrayBuffer::New(
      isolate, v8::ArrayBuffer::NewBackingStore(handle, sizeof(Handle), free_handle, nullptr)));
}

void transcoder_step(const js::Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  Handle& handle = handle_of(arguments[0]);
  CHECK(handle.transcoder);
  auto bytes = js::bytes_of(arguments[1]);
  auto status = js::bytes_of(arguments[4]);
  CHECK(bytes && status && status->size() == 2 * sizeof(std::uint32_t));
  const std::size_t start = arguments[2].As<v8::Uint32>()->Value();
  CHECK(start <= bytes->size());
  const std::string_view input(reinterpret_cast<const char*>(bytes->data()) + start,
                               bytes->size() - start);
  const auto piece = arguments[3]->IsTrue() ? http::InputPiece::Last : http::InputPiece::More;

  std::string output;
  auto step = handle.transcoder->step(input, piece, output, kMostPerStep);
  if (!step) {
    js::throw_type_error(isolate, step.error().message());
    return;
  }
  const std::uint32_t values[2] = {
      static_cast<std::uint32_t>(step->consumed),
      (step->output_full ? kOutputFull : 0u) | (step->ended ? kEnded : 0u)};
  std::memcpy(status->data(), values, sizeof(values));
  if (output.empty()) return;
  v8::Local<v8::Uint8Array> view;
  if (js::new_uint8_array(isolate, output).ToLocal(&view)) arguments.GetReturnValue().Set(view);
}

void transcoder_close(const js::Arguments& arguments) {
  handle_of(arguments[0]).transcoder.reset();
}

constexpr js::NativeFunction kNatives[] = {
    {"transcoderOpen", transcoder_open},
    {"transcoderStep", transcoder_step},
    {"transcoderClose", transcoder_close},
};

}  // namespace

js::NativeTable compression_natives() { return kNatives; }

}  // namespace atoll::webapi
