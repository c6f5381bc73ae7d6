#include "apps/isolate_host/ingress_web_socket.h"

#include "http/coding/message_deflate.h"

namespace atoll::host {
namespace {

void refuse(http::Exchange& exchange, int status, std::string_view reason) {
  http::ResponseHead head{.status = status};
  (void)head.headers.append("content-type", "text/plain;charset=UTF-8");
  if (status == 426) (void)head.headers.append("sec-websocket-version", "13");
  exchange.respond(std::move(head), std::string(reason).append("\n"));
}

// What the Worker says of extensions counts: none at all when it says nothing good, or else as if
// the client had offered only that.
std::optional<http::DeflateAnswer> agree_on_compression(const std::string& offered,
                                                        const runtime::HttpResponse& response) {
  if (!response.may_compress_web_socket) return std::nullopt;
  std::optional<std::string_view> wanted = response.headers.find("sec-websocket-extensions");
  if (!wanted) return http::answer_deflate_offer(offered, {.keep_contexts = false});
  if (!http::answer_deflate_offer(offered, {})) return std::nullopt;
  auto answer = http::answer_deflate_offer(offered, {.keep_contexts = true});
  auto asked = http::answer_deflate_offer(*wanted, {.keep_contexts = true});
  if (!asked) return std::nullopt;
  if (!asked->agreement.keeps_own_context || !asked->agreement.keeps_peer_context) {
    return http::answer_deflate_offer(offered, {.keep_contexts = false});
  }
  return answer;
}

}  // namespace

void open_web_socket(runtime::WebSocketCouplings& couplings, http::Exchange& exchange,
                     http::WebSocketRequestCheck check, runtime::HttpResponse response) {
  if (check.refusal) return refuse(exchange, check.refusal->status, check.refusal->reason);
  if (!check.offer) return refuse(exchange, 400, "the request did not ask for a WebSocket");
  auto compression = agree_on_compression(check.offer->extensions, response);

  http::ResponseHead head{.status = 101, .headers = std::move(response.headers)};
  head.headers.remove("sec-websocket-extensions");
  if (compression) (void)head.headers.append("Sec-WebSocket-Extensions", compression->header);
  (void)head.headers.set("Sec-WebSocket-Accept", http::websocket_accept(check.offer->key));

  http::WebSocketOptions options;
  if (compression) {
    options.compression = &http::zlib_message_compression();
    options.agreement = compression->agreement;
  }
  auto channel = exchange.upgrade(std::move(head));
  if (channel == nullptr) return refuse(exchange, 503, "no WebSocket can be opened now");
  couplings.couple(std::move(response.web_socket), std::move(channel), std::move(options));
}

}  // namespace atoll::host
