#include "http/websocket/message_reader.h"

#include <algorithm>
#include <utility>

namespace atoll::http {
namespace {

constexpr std::uint16_t kProtocolError = 1002;
constexpr std::uint16_t kInvalidData = 1007;
constexpr std::uint16_t kTooLarge = 1009;
constexpr std::uint16_t kInternalError = 1011;
constexpr std::uint16_t kNoStatus = 1005;
constexpr std::string_view kDeflateTail("\0\0\xff\xff", 4);
constexpr std::size_t kUnmaskBytes = 16 * 1024;  // at a time

}  // namespace

MessageReader::MessageReader(WebSocketRole role, std::size_t max_message_bytes,
                             MessageCompression* compression, DeflateAgreement agreement)
    : role_(role),
      max_message_bytes_(max_message_bytes),
      compression_(compression),
      agreement_(agreement) {}

bool MessageReader::fail(std::uint16_t code, std::string description) {
  failure_ = {code, std::move(description)};
  message_ = std::string();
  inflater_.reset();
  return false;
}

bool MessageReader::fail_too_large(std::uint64_t size) {
  return fail(kTooLarge, "Message is too large: " + std::to_string(size) + " > " +
                             std::to_string(max_message_bytes_));
}

std::optional<WebSocketPart> MessageReader::next(std::string_view& input) {
  while (!failure_) {
    if (!in_frame_ && !read_head(input)) return std::nullopt;
    if (!take_payload(input)) return std::nullopt;
    if (frame_received_ < frame_.length) return std::nullopt;
    in_frame_ = false;
    if (auto part = end_frame()) return part;
  }
  return std::nullopt;
}

// True when a frame has begun.
bool MessageReader::read_head(std::string_view& input) {
  FrameHeadReading reading;
  if (head_bytes_.empty()) {
    reading = read_frame_head(input);
    if (reading.state == FrameHeadReading::State::NeedMore) {
      head_bytes_.assign(input);
      input = {};
      return false;
    }
    if (reading.state == FrameHeadReading::State::Complete) input.remove_prefix(reading.size);
  } else {
    std::size_t held = head_bytes_.size();
    head_bytes_.append(input.substr(0, kMaxFrameHeadBytes - held));
    reading = read_frame_head(head_bytes_);
    if (reading.state == FrameHeadReading::State::NeedMore) {
      input = {};
      return false;
    }
    if (reading.state == FrameHeadReading::State::Complete) {
      input.remove_prefix(reading.size - held);
    }
    head_bytes_.clear();
  }
  if (reading.state == FrameHeadReading::State::Malformed) {
    return fail(kProtocolError, "Frame length is malformed");
  }
  return accept_head(reading.head);
}

bool MessageReader::accept_head(const FrameHead& head) {
  if (head.has_other_reserved || (head.is_compressed && compression_ == nullptr)) {
    return fail(kProtocolError, "Received frame had RSV bits 1, 2, or 3 set");
  }
  if (head.mask.has_value() != (role_ == WebSocketRole::Server)) {
    return fail(kProtocolError, head.mask ? "Received a masked frame from the server"
                                          : "Received an unmasked frame from the client");
  }
  if (head.is_control()) {
    if (head.opcode > static_cast<std::uint8_t>(Opcode::Pong)) {
      return fail(kProtocolError, "Unknown opcode " + std::to_string(head.opcode));
    }
    if (!head.is_final) return fail(kProtocolError, "Received fragmented control frame");
    if (head.length > kMaxControlPayload) {
      return fail(kProtocolError, "Received control frame that is too large");
    }
    if (head.is_compressed) return fail(kProtocolError, "Received compressed control frame");
    control_.clear();
  } else if (head.opcode == static_cast<std::uint8_t>(Opcode::Continuation)) {
    if (!in_message_) return fail(kProtocolError, "Unexpected continuation frame");
    if (head.is_compressed) return fail(kProtocolError, "Received compressed continuation frame");
  } else if (head.opcode <= static_cast<std::uint8_t>(Opcode::Binary)) {
    if (in_message_) return fail(kProtocolError, "Missing continuation frame");
    in_message_ = true;
    message_kind_ = static_cast<Opcode>(head.opcode);
    message_is_compressed_ = head.is_compressed;
    utf8_.reset();
  } else {
    return fail(kProtocolError, "Unknown opcode " + std::to_string(head.opcode));
  }
  if (!head.is_control() && head.length > max_message_bytes_) return fail_too_large(head.length);
  if (!head.is_control() && !message_is_compressed_ &&
      message_.size() + head.length > max_message_bytes_) {
    return fail_too_large(message_.size() + head.length);
  }
  in_frame_ = true;
  frame_ = head;
  frame_received_ = 0;
  return true;
}

bool MessageReader::take_payload(std::string_view& input) {
  while (!input.empty() && frame_received_ < frame_.length) {
    std::string_view piece = input.substr(
        0, std::min<std::uint64_t>({input.size(), frame_.length - frame_received_, kUnmaskBytes}));
    char unmasked[kUnmaskBytes];
    std::string_view plain = piece;
    if (frame_.mask) {
      std::copy(piece.begin(), piece.end(), unmasked);
      apply_mask({unmasked, piece.size()}, *frame_.mask, frame_received_);
      plain = {unmasked, piece.size()};
    }
    frame_received_ += piece.size();
    input.remove_prefix(piece.size());
    if (frame_.is_control()) {
      control_.append(plain);
    } else if (!take_message_bytes(plain)) {
      return false;
    }
  }
  return true;
}

bool MessageReader::take_message_bytes(std::string_view bytes) {
  if (message_is_compressed_) return inflate(bytes);
  if (message_kind_ == Opcode::Text && !utf8_.feed(bytes)) {
    return fail(kInvalidData, "Received text that is not valid UTF-8");
  }
  message_.append(bytes);
  return true;
}

bool MessageReader::inflate(std::string_view compressed) {
  if (!inflater_) inflater_ = compression_->make_inflater();
  if (!inflater_) return fail(kInternalError, "Out of memory for a compressed message");
  std::size_t before = message_.size();
  switch (inflater_->inflate(compressed, message_, max_message_bytes_)) {
    case MessageInflater::Outcome::Malformed:
      return fail(kInvalidData, "Received a malformed compressed message");
    case MessageInflater::Outcome::TooLarge:
      return fail_too_large(max_message_bytes_ + 1);
    case MessageInflater::Outcome::Fine:
      break;
  }
  if (message_kind_ == Opcode::Text && !utf8_.feed(std::string_view(message_).substr(before))) {
    return fail(kInvalidData, "Received text that is not valid UTF-8");
  }
  return true;
}

std::optional<WebSocketPart> MessageReader::end_frame() {
  if (frame_.is_control()) return end_control();
  return frame_.is_final ? end_message() : std::nullopt;
}

std::optional<WebSocketPart> MessageReader::end_message() {
  in_message_ = false;
  if (message_is_compressed_) {
    if (!inflate(kDeflateTail)) return std::nullopt;
    if (!agreement_.keeps_peer_context) inflater_.reset();
  }
  if (message_kind_ == Opcode::Text && !utf8_.at_boundary()) {
    fail(kInvalidData, "Received text that is not valid UTF-8");
    return std::nullopt;
  }
  return WebSocketPart{message_kind_, std::exchange(message_, {})};
}

std::optional<WebSocketPart> MessageReader::end_control() {
  WebSocketPart part{static_cast<Opcode>(frame_.opcode), std::exchange(control_, {})};
  if (part.kind != Opcode::Close) return part;
  part.code = kNoStatus;
  if (part.data.empty()) return part;
  if (part.data.size() == 1) {
    fail(kProtocolError, "Received a Close frame with half a code");
    return std::nullopt;
  }
  part.code = static_cast<std::uint16_t>(static_cast<std::uint8_t>(part.data[0]) << 8 |
                                         static_cast<std::uint8_t>(part.data[1]));
  part.data.erase(0, 2);
  if (!is_valid_close_code(part.code)) {
    fail(kProtocolError, "Received an invalid close code: " + std::to_string(part.code));
    return std::nullopt;
  }
  Utf8Check reason;
  if (!reason.feed(part.data) || !reason.at_boundary()) {
    fail(kInvalidData, "Received a close reason that is not valid UTF-8");
    return std::nullopt;
  }
  return part;
}

}  // namespace atoll::http
