// Brings the messages of a WebSocket's end to a connection and back, with back-pressure both ways.
#pragma once

#include <memory>

#include "http/websocket/websocket_wire.h"
#include "runtime/web_socket.h"

namespace atoll::runtime {

// Lives until the connection is over or the other party has ended. The scheduler outlives it.
void couple_web_socket(Scheduler& scheduler, std::unique_ptr<WebSocketEnd> end,
                       std::unique_ptr<http::ByteChannel> channel, http::WebSocketOptions options);

}  // namespace atoll::runtime
