// How a request is written to an origin. The client owns the framing and the Host header: what a
// Worker puts into Host, Content-Length, Transfer-Encoding, Connection and the like never reaches
// the wire as such.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/codec/header_block.h"
#include "http/codec/request_head.h"

namespace atoll::http {

struct RequestHeadOptions {
  std::string_view method;  // a token
  std::string_view path;    // "/path?query", printable ASCII without blanks
  std::string_view host;    // for the Host header: "name" or "name:port"
  BodyFraming framing = BodyFraming::None;
  std::uint64_t body_length = 0;  // with BodyFraming::Length
  // The request's own Upgrade header is sent, with the Connection header that belongs to it.
  bool upgrade = false;
};

void append_request_head(std::string& out, const HeaderBlock& headers,
                         const RequestHeadOptions& options);

// Whether a method and a path may be written as they are.
bool is_sendable(std::string_view method, std::string_view path);

}  // namespace atoll::http
