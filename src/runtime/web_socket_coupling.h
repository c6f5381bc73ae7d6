// Brings the messages of a WebSocket's end to a connection and back, with back-pressure both ways.
#pragma once

#include <memory>

#include "http/websocket/websocket_wire.h"
#include "js/memory_account.h"
#include "runtime/web_socket.h"

namespace atoll::runtime {

// All WebSockets of a host that have a connection.
class WebSocketCouplings {
 public:
  // `message_bytes`: what messages from the network may take up, all together, until a script has
  // taken them. The scheduler outlives this, and this the event loop's last turn.
  WebSocketCouplings(Scheduler& scheduler, std::size_t message_bytes)
      : scheduler_(scheduler), memory_(std::make_shared<js::MemoryAccount>(message_bytes)) {}

  Scheduler& scheduler() { return scheduler_; }

  // Lasts until the connection is over or the other party has ended.
  void couple(std::unique_ptr<WebSocketEnd> end, std::unique_ptr<http::ByteChannel> channel,
              http::WebSocketOptions options);

 private:
  Scheduler& scheduler_;
  std::shared_ptr<js::MemoryAccount> memory_;
};

}  // namespace atoll::runtime
