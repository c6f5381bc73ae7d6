#include "runtime/invocation.h"

namespace atoll::runtime {

Message* Invocation::find_message(MessageId message_id) {
  for (Message& message : messages) {
    if (message.id == message_id) return &message;
  }
  return nullptr;
}

HeldWebSocket* Invocation::find_web_socket(WebSocketId web_socket) {
  auto found = web_sockets.find(web_socket);
  return found == web_sockets.end() ? nullptr : &found->second;
}

bool Invocation::has_open_web_socket() const {
  for (const auto& [number, held] : web_sockets) {
    if (!held.accepted() || held.received_last) continue;
    if (held.end->has_message() || held.end->peer_holder() != this) return true;
  }
  return false;
}

CallOptions Invocation::options_of_call(CallOptions own) const {
  if (!own.outbound) own.outbound = options.outbound;
  own.request_id = options.request_id;
  own.hops = hops + 1;
  own.from = handler;
  return own;
}

}  // namespace atoll::runtime
