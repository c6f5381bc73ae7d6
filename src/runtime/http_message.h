// A request or response as it travels between a connection and an isolate, or between two isolates
// of one process: values that move, no JavaScript.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "async/byte_source.h"
#include "http/codec/header_block.h"
#include "runtime/web_socket.h"

namespace atoll::runtime {

// Nothing, bytes at hand, or bytes still to come.
using Body = std::variant<std::monostate, std::string, std::unique_ptr<ByteSource>>;

struct HttpRequest {
  std::string method;
  std::string url;  // absolute, normalised
  http::HeaderBlock headers;
  Body body;
  bool follow_redirects = true;
};

struct HttpResponse {
  int status = 200;
  std::string status_text;
  http::HeaderBlock headers;
  Body body;
  std::unique_ptr<WebSocketEnd> web_socket = {};  // with status 101
  bool may_compress_web_socket = true;
};

}  // namespace atoll::runtime
