// The frames of RFC 6455, section 5.2: their heads in both directions, and masking.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace atoll::http {

enum class Opcode : std::uint8_t {
  Continuation = 0,
  Text = 1,
  Binary = 2,
  Close = 8,
  Ping = 9,
  Pong = 10,
};

using MaskKey = std::array<std::uint8_t, 4>;

struct FrameHead {
  bool is_final = true;
  bool is_compressed = false;  // RSV1
  bool has_other_reserved = false;
  std::uint8_t opcode = 0;  // may be one that is not defined
  std::uint64_t length = 0;
  std::optional<MaskKey> mask;

  bool is_control() const { return (opcode & 8) != 0; }
};

inline constexpr std::size_t kMaxFrameHeadBytes = 14;
inline constexpr std::size_t kMaxControlPayload = 125;

struct FrameHeadReading {
  enum class State { Complete, NeedMore, Malformed } state;
  FrameHead head = {};
  std::size_t size = 0;  // of the head, when complete
};

// Reads the head at the start of `bytes`. Malformed: a length that is not written in its shortest
// form, or has its highest bit set.
FrameHeadReading read_frame_head(std::string_view bytes);

void append_frame_head(std::string& out, const FrameHead& head);

// Masks or unmasks in place. `offset`: how many bytes of the frame's payload came before.
void apply_mask(std::span<char> bytes, const MaskKey& key, std::uint64_t offset);

// Whether a peer may send this code in a Close frame.
bool is_valid_close_code(std::uint16_t code);

}  // namespace atoll::http
