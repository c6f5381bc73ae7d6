// One message on the socket: a header of 12 bytes, little-endian, then the body.
//   u32 body length, u16 type, u16 descriptor count, u32 request id
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sandbox/border/protocol.h"

namespace atoll::border {

inline constexpr std::size_t kFrameHeaderBytes = 12;
inline constexpr std::size_t kMaxFrameBytes = 64u << 20;  // of a body
inline constexpr std::size_t kMaxFrameDescriptors = 32;

struct Frame {
  MessageType type = MessageType::None;
  std::uint16_t descriptor_count = 0;
  std::uint32_t request_id = 0;  // 0: expects no reply
  std::string body;
};

std::string encode_frame_header(const Frame& frame);

// Cuts a byte stream into frames. A length that was announced costs memory only as its bytes come.
class FrameDecoder {
 public:
  // Takes bytes from the front of `input` until a frame is complete (yields it, with `input` at the
  // byte after) or `input` is used up (nothing). InvalidInput: a body or descriptor count over the
  // limit, or a type that does not exist; the decoder must not be used after that.
  Result<std::optional<Frame>> next(std::string_view& input);

 private:
  Result<void> read_header();

  std::array<char, kFrameHeaderBytes> header_{};
  std::size_t header_size_ = 0;
  std::size_t body_size_ = 0;
  Frame frame_;
};

}  // namespace atoll::border
