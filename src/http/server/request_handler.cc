#include "http/server/request_handler.h"

#include "base/check.h"
#include "base/random.h"
#include "http/codec/response_head.h"

namespace atoll::http {

ErrorPage RequestHandler::on_refused(int status, std::string_view reason) {
  ErrorPage page;
  CHECK(page.headers.append("Content-Type", "text/plain; charset=utf-8"));
  page.body = std::to_string(status);
  page.body.append(" ").append(standard_reason(status)).append(": ").append(reason);
  page.body.append("\nrequest id: ").append(random_hex(8)).append("\n");
  return page;
}

}  // namespace atoll::http
