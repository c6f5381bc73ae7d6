// The opening handshake, RFC 6455 section 4, from both sides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/codec/header_block.h"
#include "http/codec/request_head.h"
#include "http/websocket/message_compression.h"

namespace atoll::http {

// Whether a request asks for a WebSocket: "Upgrade: websocket", whatever else it says.
bool asks_for_websocket(const HeaderBlock& headers);

// What a server has to remember of a request until it is answered.
struct WebSocketOffer {
  std::string key;
  std::string extensions;  // of Sec-WebSocket-Extensions, all lines
};

struct WebSocketRefusal {
  int status;  // 400, or 426 when another version would do
  const char* reason;
};

// Exactly one of the two is set.
struct WebSocketRequestCheck {
  std::optional<WebSocketOffer> offer;
  std::optional<WebSocketRefusal> refusal;
};
WebSocketRequestCheck check_websocket_request(const RequestHead& head);

// The value of Sec-WebSocket-Accept for that key.
std::string websocket_accept(std::string_view key);

// "permessage-deflate; …" as it answers the first offer that can be met, and what it means.
struct DeflateAnswer {
  DeflateAgreement agreement;
  std::string header;
};
// What the server wants where the client leaves it the choice.
struct DeflateWishes {
  bool keep_contexts = false;
};
std::optional<DeflateAnswer> answer_deflate_offer(std::string_view extensions,
                                                  DeflateWishes wishes);

// What a client offers: "permessage-deflate" with these parameters.
std::string deflate_offer();
// What a server's answer to deflate_offer() means to the client; nothing when it is not acceptable.
std::optional<DeflateAgreement> read_deflate_answer(std::string_view extensions);

std::string make_websocket_key();

// Whether the answer to a request with `key` opens a WebSocket. `requested_protocols`: the value of
// the request's Sec-WebSocket-Protocol, or empty. Nothing when all is well, else what is wrong.
std::optional<std::string> check_websocket_response(const HeaderBlock& headers,
                                                    std::string_view key,
                                                    std::string_view requested_protocols);

}  // namespace atoll::http
