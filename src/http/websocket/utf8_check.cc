#include "http/websocket/utf8_check.h"

#include <cstddef>
#include <cstring>

namespace atoll::http {
namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080;

std::size_t ascii_prefix(std::string_view bytes) {
  std::size_t size = 0;
  for (; size + 8 <= bytes.size(); size += 8) {
    std::uint64_t block;
    std::memcpy(&block, bytes.data() + size, sizeof block);
    if ((block & kHighBits) != 0) break;
  }
  return size;
}

}  // namespace

// https://www.unicode.org/versions/latest/core-spec/chapter-3/#G27506, table 3-7
bool Utf8Check::feed(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto byte = static_cast<std::uint8_t>(bytes[at]);
    if (missing_ > 0) {
      if (byte < lowest_ || byte > highest_) return false;
      lowest_ = 0x80;
      highest_ = 0xbf;
      --missing_;
      continue;
    }
    if (byte < 0x80) {
      if (std::size_t skip = ascii_prefix(bytes.substr(at))) at += skip - 1;
      continue;
    }
    if (byte < 0xc2 || byte > 0xf4) return false;
    missing_ = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    if (byte == 0xe0) lowest_ = 0xa0;
    if (byte == 0xed) highest_ = 0x9f;
    if (byte == 0xf0) lowest_ = 0x90;
    if (byte == 0xf4) highest_ = 0x8f;
  }
  return true;
}

}  // namespace atoll::http
