// The head of an HTTP/1.x request, already judged: whoever holds one may trust its framing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/codec/header_block.h"

namespace atoll::http {

enum class BodyFraming { None, Length, Chunked };

struct RequestHead {
  std::string method;     // a token, case preserved
  std::string target;     // "/path?query", "http://host/path" or "*", bytes as received
  int minor_version = 1;  // HTTP/1.<minor>: 0 or 1
  HeaderBlock headers;    // as received, framing headers included

  BodyFraming framing = BodyFraming::None;
  std::uint64_t content_length = 0;  // with BodyFraming::Length
  bool keep_alive = true;            // what the client asked for
  bool expect_continue = false;

  // "name" or "name:port" as received: the target's authority when it has one, else the Host
  // header. Empty only for HTTP/1.0 without a Host header.
  std::string_view host() const;

  // The target from its path on: "/path?query", "/" for "http://host", "*" for "OPTIONS *".
  // "http://host?query" gives "?query".
  std::string_view path() const;
};

// The authority of an absolute-form target; empty for the other forms.
std::string_view target_authority(std::string_view target);

}  // namespace atoll::http
