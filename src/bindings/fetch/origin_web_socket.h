// The client's side of a WebSocket to an origin: the headers of its request, and what becomes of
// the answer.
#pragma once

#include <string>

#include "base/result.h"
#include "http/client/client.h"
#include "runtime/http_message.h"
#include "runtime/web_socket_coupling.h"

namespace atoll::bindings {

struct OriginWebSocket {
  std::string key;
  std::string protocols;
  bool offers_compression = false;
};

// Makes a request with "Upgrade: websocket" a proper opening handshake.
OriginWebSocket begin_web_socket(http::ClientRequest& request);

// An answer of 101 to such a request gets its WebSocket. Errors, fit for tenant code, when it is
// not what the handshake asks for.
Result<void> open_web_socket(runtime::WebSocketCouplings& web_sockets, const OriginWebSocket& asked,
                             http::ClientResponse& received, runtime::HttpResponse& response);

}  // namespace atoll::bindings
