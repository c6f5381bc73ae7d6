// Natives for WebSockets. An end of one has a number that is valid in the invocation that made or
// got it; which of its operations make sense when is the built-ins' affair.
#include "runtime/natives/invocation_access.h"
#include "runtime/natives/natives.h"

namespace atoll::runtime {
namespace {

constexpr std::size_t kMaxWebSockets = 10'000;  // of one invocation, those that are over included
constexpr std::size_t kMaxUnreadBytes = std::size_t{64} << 20;  // sent and not taken, of one end

HeldWebSocket* require_web_socket(const Caller& caller, const js::Arguments& info) {
  HeldWebSocket* held = caller.invocation->find_web_socket(int_argument(info, 0));
  if (held == nullptr) throw_other_request(info.GetIsolate());
  return held;
}

// () → number of one end; the other's is the next.
void web_socket_pair(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  if (caller.invocation->web_sockets.size() + 2 > kMaxWebSockets) {
    return js::throw_error(info.GetIsolate(), "Too many WebSockets in one request.");
  }
  WebSocketEnd::Pair pair = WebSocketEnd::make_pair(caller.worker->host().scheduler);
  WebSocketId first = caller.worker->add_web_socket(*caller.invocation, std::move(pair.first));
  caller.worker->add_web_socket(*caller.invocation, std::move(pair.second));
  info.GetReturnValue().Set(first);
}

// (number, object)
void web_socket_accept(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  if (require_web_socket(caller, info) == nullptr || !info[1]->IsObject()) return;
  caller.worker->accept_web_socket(*caller.invocation, int_argument(info, 0),
                                   info[1].As<v8::Object>());
}

// Takes up memory of this isolate until it is on its way. False with an exception pending.
bool send(const Caller& caller, const js::Arguments& info, HeldWebSocket& held,
          WebSocketMessage message) {
  if (held.end->peer_gone()) return true;
  if (held.end->unread_bytes() + message.data.size() > kMaxUnreadBytes) {
    js::throw_error(info.GetIsolate(),
                    "Too much data was sent on this WebSocket that the other side has not read.");
    return false;
  }
  auto charge = MessageCharge::charge(caller.worker->memory_account(), message.data.size());
  if (!charge) {
    js::throw_range_error(info.GetIsolate(), "Out of memory for WebSocket messages.");
    return false;
  }
  message.charge = *std::move(charge);
  held.end->send(std::move(message));
  return true;
}

// (number, text or bytes)
void web_socket_send(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  HeldWebSocket* held = require_web_socket(caller, info);
  if (held == nullptr) return;
  WebSocketMessage message;
  if (info[1]->IsString()) {
    message.data = js::to_utf8(info.GetIsolate(), info[1]);
  } else if (auto bytes = js::bytes_of(info[1])) {
    message.kind = WebSocketMessage::Kind::Binary;
    message.data.assign(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  }
  send(caller, info, *held, std::move(message));
}

// (number, code, reason)
void web_socket_close(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  HeldWebSocket* held = require_web_socket(caller, info);
  if (held == nullptr) return;
  send(caller, info, *held,
       {.kind = WebSocketMessage::Kind::Close,
        .code = static_cast<std::uint16_t>(int_argument(info, 1)),
        .data = text_argument(info, 2)});
}

// (number) → bytes sent that the other side has not taken
void web_socket_buffered(const js::Arguments& info) {
  Invocation* invocation = Worker::of(info.GetIsolate()).current();
  HeldWebSocket* held =
      invocation != nullptr ? invocation->find_web_socket(int_argument(info, 0)) : nullptr;
  info.GetReturnValue().Set(held != nullptr ? static_cast<double>(held->end->unread_bytes()) : 0.0);
}

// (number): nobody will use this end any more.
void web_socket_release(const js::Arguments& info) {
  Worker& worker = Worker::of(info.GetIsolate());
  Invocation* invocation = worker.current();
  if (invocation == nullptr) return;
  invocation->web_sockets.erase(int_argument(info, 0));
  worker.touch(*invocation);
}

constexpr js::NativeFunction kNatives[] = {
    {"webSocketPair", web_socket_pair},         {"webSocketAccept", web_socket_accept},
    {"webSocketSend", web_socket_send},         {"webSocketClose", web_socket_close},
    {"webSocketBuffered", web_socket_buffered}, {"webSocketRelease", web_socket_release},
};

}  // namespace

js::NativeTable websocket_natives() { return kNatives; }

}  // namespace atoll::runtime
