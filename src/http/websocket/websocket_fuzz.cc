// However a peer's frames are cut, the same messages or the same failure come out, within the
// limits; and offers of extensions never confuse.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/encoding.h"
#include "http/websocket/handshake.h"
#include "http/websocket/message_reader.h"

namespace {

using namespace atoll::http;

constexpr std::size_t kMaxBytes = 4096;

struct Reading {
  std::vector<std::string> parts;
  int failure = 0;
  bool operator==(const Reading&) const = default;
};

Reading read(std::string_view bytes, std::size_t piece, WebSocketRole role) {
  MessageReader reader(role, kMaxBytes, nullptr, {});
  Reading reading;
  while (!bytes.empty() && reading.failure == 0) {
    std::string_view input = bytes.substr(0, piece);
    bytes.remove_prefix(input.size());
    while (auto part = reader.next(input)) {
      bool is_text = part->kind == Opcode::Text || part->kind == Opcode::Close;
      if (is_text) CHECK(atoll::is_valid_utf8(part->data));
      CHECK(part->data.size() <= kMaxBytes);
      reading.parts.push_back(std::to_string(static_cast<int>(part->kind)) + ":" +
                              std::to_string(part->code) + ":" + part->data);
    }
    if (reader.failure()) reading.failure = reader.failure()->code;
    CHECK(reading.failure != 0 || input.empty());
    CHECK(reader.bytes_held() <= kMaxBytes + kMaxFrameHeadBytes);
  }
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  auto role = (data[0] & 1) != 0 ? WebSocketRole::Client : WebSocketRole::Server;
  std::size_t piece = 1 + data[1] % 64;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  if ((data[0] & 2) != 0) {
    if (auto answer = answer_deflate_offer(bytes, {.keep_contexts = (data[0] & 4) != 0})) {
      CHECK(answer_deflate_offer(answer->header, {.keep_contexts = true}));
    }
    (void)read_deflate_answer(bytes);
    return 0;
  }
  CHECK(read(bytes, SIZE_MAX, role) == read(bytes, piece, role));
  return 0;
}
