#include "bindings/fetch/origin_web_socket.h"

#include "http/coding/message_deflate.h"
#include "http/websocket/handshake.h"
#include "http/websocket/stream_channel.h"

namespace atoll::bindings {
namespace {

std::string value_of(const http::HeaderBlock& headers, std::string_view name) {
  return std::string(headers.find(name).value_or(""));
}

}  // namespace

OriginWebSocket begin_web_socket(http::ClientRequest& request) {
  OriginWebSocket asked;
  asked.key = http::make_websocket_key();
  asked.protocols = value_of(request.headers, "sec-websocket-protocol");
  // Whatever the script asks for, we offer what we can do.
  asked.offers_compression =
      value_of(request.headers, "sec-websocket-extensions").find("permessage-deflate") !=
      std::string::npos;
  request.headers.remove("sec-websocket-extensions");
  if (asked.offers_compression) {
    (void)request.headers.append("Sec-WebSocket-Extensions", http::deflate_offer());
  }
  (void)request.headers.set("Sec-WebSocket-Version", "13");
  (void)request.headers.set("Sec-WebSocket-Key", asked.key);
  request.asker.api = net::Api::WebSocket;
  request.upgrade = true;
  return asked;
}

Result<void> open_web_socket(runtime::WebSocketCouplings& web_sockets, const OriginWebSocket& asked,
                             http::ClientResponse& received, runtime::HttpResponse& response) {
  if (auto problem = http::check_websocket_response(response.headers, asked.key, asked.protocols)) {
    return fail(Error(ErrorKind::Unavailable,
                      "Failed to establish the WebSocket connection: " + *problem + "."));
  }
  http::WebSocketOptions options;
  options.role = http::WebSocketRole::Client;
  if (auto extensions = response.headers.find("sec-websocket-extensions")) {
    auto agreement = asked.offers_compression ? http::read_deflate_answer(*extensions)
                                              : std::optional<http::DeflateAgreement>();
    if (!agreement) {
      return fail(Error(ErrorKind::Unavailable,
                        "Failed to establish the WebSocket connection: the server chose "
                        "extensions that were not asked for."));
    }
    options.compression = &http::zlib_message_compression();
    options.agreement = *agreement;
  }
  runtime::WebSocketEnd::Pair pair = runtime::WebSocketEnd::make_pair(web_sockets.scheduler());
  response.web_socket = std::move(pair.first);
  web_sockets.couple(
      std::move(pair.second),
      http::make_stream_channel(web_sockets.scheduler().loop(), std::move(received.upgraded),
                                std::move(received.upgraded_input)),
      std::move(options));
  return {};
}

}  // namespace atoll::bindings
