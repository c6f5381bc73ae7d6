// Whoever answers the requests that a Server reads.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/codec/header_block.h"
#include "http/server/exchange.h"

namespace atoll::http {

// The body of an answer that the server itself gives, with its Content-Type and the like.
struct ErrorPage {
  HeaderBlock headers;
  std::string body;
};

// All calls come from the event loop's thread. None may destroy the server.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;

  // A request head has arrived. The answer may be given within this call or later. Letting go of
  // the exchange without an answer is answered with 500.
  virtual void on_request(std::shared_ptr<Exchange> exchange) = 0;

  // The server is about to answer `status` itself (400, 408, 413, 414, 417, 431, 501, 503, 505, or
  // 500 for an exchange that was let go); `reason` is fit for the client to read. The page given
  // here is small text with a fresh request id, which no log knows: override it to log one.
  virtual ErrorPage on_refused(int status, std::string_view reason);
};

}  // namespace atoll::http
