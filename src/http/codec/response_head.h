// The head of a response, and how it is written. The server owns the framing: whatever a Worker
// puts into Content-Length, Transfer-Encoding, Connection and the like never reaches the wire as
// such.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "http/codec/header_block.h"

namespace atoll::http {

struct ResponseHead {
  int status = 200;          // 200 to 999; anything else is sent as 500
  std::string reason = {};   // empty: the usual phrase; one with control characters is ignored
  HeaderBlock headers = {};  // Date is added when missing
};

// How the end of a response body is told.
enum class ResponseFraming { NoBody, Length, Chunked, UntilClose };

// The part of the request that decides how an answer is framed.
struct RequestTraits {
  bool is_head = false;
  int minor_version = 1;
};

ResponseFraming choose_framing(int status, RequestTraits request,
                               std::optional<std::uint64_t> body_length);

struct ResponseHeadOptions {
  ResponseFraming framing = ResponseFraming::Length;
  // With Length, the size of the body. With NoBody, what GET would have sent: written for HEAD and
  // 304; the response's own Content-Length stands in for it there when it is a valid number.
  std::optional<std::uint64_t> body_length = {};
  RequestTraits request = {};
  bool close = false;               // the connection ends after this response
  std::string_view date_line = {};  // "Date: ...\r\n"
};

void append_response_head(std::string& out, const ResponseHead& head,
                          const ResponseHeadOptions& options);

// The head of "101 Switching Protocols" to the WebSocket protocol.
void append_upgrade_head(std::string& out, const ResponseHead& head, std::string_view date_line);

std::string_view standard_reason(int status);  // "Unknown" for a status we have no phrase for

// "Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n"
std::string format_date_line(std::time_t now);

}  // namespace atoll::http
