// Opens the client's WebSocket that a Worker has answered with.
#pragma once

#include "http/server/exchange.h"
#include "http/websocket/handshake.h"
#include "runtime/http_message.h"
#include "runtime/web_socket_coupling.h"

namespace atoll::host {

// `check`: of the request. Answers the exchange in any case.
void open_web_socket(runtime::WebSocketCouplings& couplings, http::Exchange& exchange,
                     http::WebSocketRequestCheck check, runtime::HttpResponse response);

}  // namespace atoll::host
