#include "http/websocket/frame.h"

#include <cstring>

namespace atoll::http {
namespace {

constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kReserved1 = 0x40;
constexpr std::uint8_t kReserved2And3 = 0x30;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kShortLength = 125;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;

std::uint64_t read_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

void append_big_endian(std::string& out, std::uint64_t value, int size) {
  for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift & 0xff));
  }
}

}  // namespace

FrameHeadReading read_frame_head(std::string_view bytes) {
  using enum FrameHeadReading::State;
  if (bytes.size() < 2) return {NeedMore};
  auto first = static_cast<std::uint8_t>(bytes[0]);
  auto second = static_cast<std::uint8_t>(bytes[1]);
  FrameHead head;
  head.is_final = (first & kFinal) != 0;
  head.is_compressed = (first & kReserved1) != 0;
  head.has_other_reserved = (first & kReserved2And3) != 0;
  head.opcode = first & 0x0f;

  std::uint8_t short_length = second & 0x7f;
  std::size_t length_bytes = short_length == kLength64 ? 8 : short_length == kLength16 ? 2 : 0;
  std::size_t mask_bytes = (second & kMasked) != 0 ? 4 : 0;
  std::size_t size = 2 + length_bytes + mask_bytes;
  if (bytes.size() < 2 + length_bytes) return {NeedMore};
  head.length = length_bytes == 0 ? short_length : read_big_endian(bytes.substr(2, length_bytes));
  if (length_bytes == 2 && head.length <= kShortLength) return {Malformed};
  if (length_bytes == 8 && (head.length <= 0xffff || head.length >> 63 != 0)) return {Malformed};
  if (bytes.size() < size) return {NeedMore};
  if (mask_bytes != 0) {
    head.mask.emplace();
    std::memcpy(head.mask->data(), bytes.data() + 2 + length_bytes, mask_bytes);
  }
  return {Complete, head, size};
}

void append_frame_head(std::string& out, const FrameHead& head) {
  std::uint8_t first = head.opcode;
  if (head.is_final) first |= kFinal;
  if (head.is_compressed) first |= kReserved1;
  out.push_back(static_cast<char>(first));
  std::uint8_t masked = head.mask ? kMasked : 0;
  if (head.length <= kShortLength) {
    out.push_back(static_cast<char>(masked | head.length));
  } else if (head.length <= 0xffff) {
    out.push_back(static_cast<char>(masked | kLength16));
    append_big_endian(out, head.length, 2);
  } else {
    out.push_back(static_cast<char>(masked | kLength64));
    append_big_endian(out, head.length, 8);
  }
  if (head.mask) out.append(reinterpret_cast<const char*>(head.mask->data()), head.mask->size());
}

void apply_mask(std::span<char> bytes, const MaskKey& key, std::uint64_t offset) {
  std::array<std::uint8_t, 8> turned;
  for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = key[(offset + i) % 4];
  std::uint64_t wide;
  std::memcpy(&wide, turned.data(), sizeof wide);
  std::size_t at = 0;
  for (; at + sizeof wide <= bytes.size(); at += sizeof wide) {
    std::uint64_t block;
    std::memcpy(&block, bytes.data() + at, sizeof block);
    block ^= wide;
    std::memcpy(bytes.data() + at, &block, sizeof block);
  }
  for (; at < bytes.size(); ++at) {
    bytes[at] = static_cast<char>(static_cast<std::uint8_t>(bytes[at]) ^ turned[at % 8]);
  }
}

bool is_valid_close_code(std::uint16_t code) {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

}  // namespace atoll::http
