// Any bytes from the other process: the frame decoder and every message decoder must answer with a
// value or an error, and a value must encode to bytes that decode to the same value.
#include <cstdint>

#include "base/check.h"
#include "sandbox/border/frame.h"
#include "sandbox/border/link_protocol.h"

namespace atoll::border {
namespace {

template <typename T>
void decode_as(const Frame& frame) {
  if (frame.type != T::kType) return;
  auto first = decode<T>(frame.body);
  if (!first) return;
  std::string bytes = encode(*first);
  auto second = decode<T>(bytes);
  CHECK(second);
  CHECK(encode(*second) == bytes);
}

template <typename... T>
void decode_as_any(const Frame& frame, MessageList<T...>) {
  (decode_as<T>(frame), ...);
}

}  // namespace
}  // namespace atoll::border

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atoll::border;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  FrameDecoder decoder;
  while (!input.empty()) {
    auto frame = decoder.next(input);
    if (!frame || !*frame) break;
    decode_as_any(**frame, AllMessages());
  }
  return 0;
}
