// How messages of a WebSocket reach the JavaScript that has accepted it.
#include "js/native_function.h"
#include "runtime/worker.h"

namespace atoll::runtime {

WebSocketId Worker::add_web_socket(Invocation& invocation, std::unique_ptr<WebSocketEnd> end) {
  WebSocketId id = next_id();
  end->set_holder(&invocation);
  invocation.web_sockets[id].end = std::move(end);
  return id;
}

void Worker::accept_web_socket(Invocation& invocation, WebSocketId id,
                               v8::Local<v8::Object> object) {
  HeldWebSocket& held = *invocation.find_web_socket(id);
  held.object.Reset(fresh_.isolate, object);
  held.end->when_readable([weak = weak_from_this(), invocation_id = invocation.id, id] {
    if (auto worker = weak.lock()) worker->serve_web_socket(invocation_id, id);
  });
}

void Worker::serve_web_socket(InvocationId invocation_id, WebSocketId id) {
  Invocation* invocation = find(invocation_id);
  HeldWebSocket* held = invocation != nullptr ? invocation->find_web_socket(id) : nullptr;
  if (held == nullptr || !held->end->has_message()) return;
  if (std::exchange(held->turn_queued, true)) return;
  if (held->end->next_is_from_network()) invocation->cpu_before_event = invocation->cpu;
  run_turn(invocation_id, [this, id](v8::Local<v8::Context> context, Invocation& owner) {
    give_web_socket_message(context, owner, id);
  });
}

// (object, kind, data, code) → webSocketEvent
void Worker::give_web_socket_message(v8::Local<v8::Context> context, Invocation& invocation,
                                     WebSocketId id) {
  HeldWebSocket* held = invocation.find_web_socket(id);
  if (held == nullptr) return;
  held->turn_queued = false;
  auto message = held->end->take();
  if (!message) return;
  held->received_last = message->is_last();
  v8::Isolate* isolate = fresh_.isolate;
  v8::Local<v8::Value> data;
  if (message->kind == WebSocketMessage::Kind::Binary) {
    v8::Local<v8::ArrayBuffer> buffer;
    if (!js::new_array_buffer(isolate, message->data).ToLocal(&buffer)) return;
    data = buffer;
  } else {
    data = js::to_v8(isolate, message->data);
  }
  v8::Local<v8::Value> arguments[] = {held->object.Get(isolate),
                                      v8::Integer::New(isolate, static_cast<int>(message->kind)),
                                      data, v8::Integer::New(isolate, message->code)};
  if (!held->received_last && held->end->has_message()) {
    host_.scheduler.run([weak = weak_from_this(), invocation_id = invocation.id, id] {
      if (auto worker = weak.lock()) worker->serve_web_socket(invocation_id, id);
    });
  }
  (void)functions_.web_socket_event.Get(isolate)->Call(context, v8::Undefined(isolate), 4,
                                                       arguments);
}

}  // namespace atoll::runtime
