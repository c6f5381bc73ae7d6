// Opens the client's WebSocket that a Worker has answered with.
#pragma once

#include "http/server/exchange.h"
#include "http/websocket/handshake.h"
#include "runtime/http_message.h"
#include "runtime/scheduler.h"

namespace atoll::host {

// `check`: of the request. Answers the exchange in any case.
void open_web_socket(runtime::Scheduler& scheduler, http::Exchange& exchange,
                     http::WebSocketRequestCheck check, runtime::HttpResponse response);

}  // namespace atoll::host
