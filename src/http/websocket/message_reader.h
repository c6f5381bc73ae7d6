// Messages and control frames out of the bytes that a WebSocket peer sends. Strict: what RFC 6455
// and RFC 7692 forbid fails the connection, with the close code they name.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/websocket/frame.h"
#include "http/websocket/message_compression.h"
#include "http/websocket/utf8_check.h"

namespace atoll::http {

enum class WebSocketRole { Server, Client };  // ours; clients mask what they send

struct WebSocketFailure {
  std::uint16_t code;  // to be sent in a Close frame
  std::string description;
};

struct WebSocketPart {
  Opcode kind;             // Text, Binary, Close, Ping or Pong
  std::string data;        // text is valid UTF-8; of Close, the reason
  std::uint16_t code = 0;  // of Close; 1005: none was given
};

class MessageReader {
 public:
  // `compression` is null when none was agreed, else outlives the reader.
  MessageReader(WebSocketRole role, std::size_t max_message_bytes, MessageCompression* compression,
                DeflateAgreement agreement);

  // Takes bytes off the front of `input` until a part is whole or they are used up. Nothing is
  // returned when more are needed, or when the peer has failed: see failure(). To be called again
  // until it returns nothing.
  std::optional<WebSocketPart> next(std::string_view& input);

  // Set for good once the peer has broken the rules.
  const std::optional<WebSocketFailure>& failure() const { return failure_; }

  // What lies here of an unfinished message.
  std::size_t bytes_held() const { return message_.size() + head_bytes_.size(); }

 private:
  bool read_head(std::string_view& input);
  bool accept_head(const FrameHead& head);
  bool take_payload(std::string_view& input);
  bool take_message_bytes(std::string_view bytes);
  std::optional<WebSocketPart> end_frame();
  std::optional<WebSocketPart> end_message();
  std::optional<WebSocketPart> end_control();
  bool inflate(std::string_view compressed);
  bool fail(std::uint16_t code, std::string description);
  bool fail_too_large(std::uint64_t size);

  const WebSocketRole role_;
  const std::size_t max_message_bytes_;
  MessageCompression* const compression_;
  const DeflateAgreement agreement_;

  std::string head_bytes_;  // of an unfinished head
  bool in_frame_ = false;
  FrameHead frame_;
  std::uint64_t frame_received_ = 0;

  bool in_message_ = false;
  bool message_is_compressed_ = false;
  Opcode message_kind_ = Opcode::Text;
  std::string message_;
  Utf8Check utf8_;
  std::string control_;
  std::unique_ptr<MessageInflater> inflater_;
  std::optional<WebSocketFailure> failure_;
};

}  // namespace atoll::http
