#include "apps/isolate_host/error_page.h"

namespace atoll::host {
namespace {

Page make_page(int status, int code, std::string_view title, std::string_view text,
               std::string_view request_id) {
  Page page;
  page.head.status = status;
  (void)page.head.headers.append("content-type", "text/html;charset=UTF-8");
  (void)page.head.headers.append("cache-control", "no-store");
  (void)page.head.headers.append("x-request-id", request_id);
  std::string number = std::to_string(code);
  page.body = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>";
  page.body.append(title).append("</title></head>\n<body>\n<h1>").append(title);
  page.body.append("</h1>\n<p>").append(text).append("</p>\n<p>Error code: ").append(number);
  page.body.append("<br>Request id: ").append(request_id).append("</p>\n</body>\n</html>\n");
  return page;
}

Page retry_page(const runtime::Failure& failure, std::string_view request_id) {
  Page page = failure.message.starts_with(runtime::kLimitMessage)
                  ? make_page(429, 1015, "Too many requests",
                              "The Worker has as many requests as it may. Try again.", request_id)
                  : make_page(503, 1105, "Temporarily unavailable",
                              "There is too much to do at the moment. Try again.", request_id);
  (void)page.head.headers.append("retry-after", std::to_string(failure.retry_after_seconds));
  return page;
}

}  // namespace

Page failure_page(const runtime::Failure& failure, std::string_view request_id) {
  using runtime::Outcome;
  if (failure.hop_limit) {
    return make_page(508, 1019, "Too many Workers in a row",
                     "The request was passed from Worker to Worker too often.", request_id);
  }
  if (failure.retry_after_seconds > 0) return retry_page(failure, request_id);
  switch (failure.outcome) {
    case Outcome::ExceededCpu:
    case Outcome::ExceededMemory:
    case Outcome::ExceededWallTime:
      return make_page(503, 1102, "Worker exceeded resource limits",
                       "The Worker used more time or memory than it may.", request_id);
    case Outcome::ScriptNotFound:
      return no_route_page(request_id);
    case Outcome::InternalError:
      return make_page(503, 1105, "Temporarily unavailable",
                       "The platform could not run the Worker. Try again.", request_id);
    default:
      return make_page(500, 1101, "Worker threw an exception",
                       "The Worker failed or gave no response.", request_id);
  }
}

Page overload_page() {
  runtime::Failure failure;
  failure.retry_after_seconds = 1;
  return retry_page(failure, "none");
}

std::string last_words() {
  Page page = make_page(503, 1105, "Temporarily unavailable",
                        "The process that ran the Worker had to end. Try again.", "none");
  return "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n"
         "Content-Type: text/html;charset=UTF-8\r\nCache-Control: no-store\r\nContent-Length: " +
         std::to_string(page.body.size()) + "\r\n\r\n" + page.body;
}

Page no_route_page(std::string_view request_id) {
  return make_page(404, 1022, "There is nothing here yet", "No Worker answers at this address.",
                   request_id);
}

}  // namespace atoll::host
