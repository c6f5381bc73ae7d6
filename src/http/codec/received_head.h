// The head of a response as an origin sent it, already judged: its framing may be trusted.
#pragma once

#include <cstdint>
#include <string>

#include "http/codec/header_block.h"
#include "http/codec/response_head.h"

namespace atoll::http {

struct ReceivedHead {
  int status = 0;         // 100 to 999
  std::string reason;     // may be empty
  int minor_version = 1;  // HTTP/1.<minor>: 0 or 1
  HeaderBlock headers;    // as received, framing headers included

  // How the body's end is told. A head with a status below 200 has no body.
  ResponseFraming framing = ResponseFraming::NoBody;
  std::uint64_t content_length = 0;  // with ResponseFraming::Length
  bool keep_alive = true;            // the connection may carry another request
};

}  // namespace atoll::http
