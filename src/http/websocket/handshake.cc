#include "http/websocket/handshake.h"

#include "base/encoding.h"
#include "base/random.h"
#include "http/codec/text_scan.h"
#include "http/websocket/sha1.h"

namespace atoll::http {
namespace {

constexpr std::string_view kAcceptSalt = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t kKeyBytes = 16;

// All values of one header as one list.
std::string joined(const HeaderBlock& headers, std::string_view name) {
  std::string list;
  for (HeaderBlock::Field field : headers) {
    if (!equals_ignoring_case(field.name, name)) continue;
    if (!list.empty()) list += ", ";
    list += field.value;
  }
  return list;
}

bool is_valid_key(std::string_view key) {
  if (key.size() != 24 || !key.ends_with("==")) return false;
  auto bytes = base64_decode(key);
  return bytes && bytes->size() == kKeyBytes;
}

}  // namespace

bool asks_for_websocket(const HeaderBlock& headers) {
  for (HeaderBlock::Field field : headers) {
    if (field.name.size() == 7 && equals_lower(field.name, "upgrade") &&
        list_has_token(field.value, "websocket")) {
      return true;
    }
  }
  return false;
}

WebSocketRequestCheck check_websocket_request(const RequestHead& head) {
  auto refuse = [](int status, const char* reason) {
    return WebSocketRequestCheck{.offer = {}, .refusal = WebSocketRefusal{status, reason}};
  };
  if (head.method != "GET") return refuse(400, "a WebSocket is opened by GET");
  if (head.minor_version == 0) return refuse(400, "a WebSocket needs HTTP/1.1");
  if (head.framing != BodyFraming::None) return refuse(400, "a WebSocket request has no body");
  if (!list_has_token(joined(head.headers, "connection"), "upgrade")) {
    return refuse(400, "the Connection header does not name Upgrade");
  }
  if (joined(head.headers, "sec-websocket-version") != "13") {
    return refuse(426, "Sec-WebSocket-Version must be 13");
  }
  std::string key = joined(head.headers, "sec-websocket-key");
  if (!is_valid_key(key)) return refuse(400, "Sec-WebSocket-Key is missing or malformed");
  return {.offer = WebSocketOffer{std::move(key), joined(head.headers, "sec-websocket-extensions")},
          .refusal = {}};
}

std::string websocket_accept(std::string_view key) {
  return base64_encode(sha1(std::string(key).append(kAcceptSalt)));
}

std::string make_websocket_key() {
  std::string bytes(kKeyBytes, '\0');
  fill_random(bytes.data(), bytes.size());
  return base64_encode(bytes);
}

std::optional<std::string> check_websocket_response(const HeaderBlock& headers,
                                                    std::string_view key,
                                                    std::string_view requested_protocols) {
  if (!asks_for_websocket(headers)) return "the answer has no \"Upgrade: websocket\"";
  if (!list_has_token(joined(headers, "connection"), "upgrade")) {
    return "the answer has no \"Connection: Upgrade\"";
  }
  if (joined(headers, "sec-websocket-accept") != websocket_accept(key)) {
    return "the answer's Sec-WebSocket-Accept is wrong";
  }
  std::string protocol = joined(headers, "sec-websocket-protocol");
  if (protocol.empty()) return std::nullopt;
  std::string_view rest = requested_protocols;
  while (!rest.empty()) {
    std::size_t comma = rest.find(',');
    if (trim_blanks(rest.substr(0, comma)) == protocol) return std::nullopt;
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return "the server chose a protocol that was not asked for";
}

}  // namespace atoll::http
