// Natives behind cloudflare:sockets. Arguments were checked by the built-in JavaScript.
#include "runtime/natives/invocation_access.h"
#include "runtime/natives/natives.h"

namespace atoll::runtime {
namespace {

net::Asker asker_of(const Worker& worker, const Invocation& invocation) {
  return {worker.script().version.handle, net::Api::Connect, "", invocation.handler,
          invocation.options.request_id};
}

void throw_error(Worker& worker, v8::Local<v8::Context> context, const Error& error) {
  worker.isolate()->ThrowException(worker.make_error(context, "Error", error.message()));
}

v8::MaybeLocal<v8::Value> throw_closed(Worker& worker, v8::Local<v8::Context> context) {
  throw_error(worker, context, Error(ErrorKind::Unavailable, "This socket has been closed."));
  return {};
}

v8::MaybeLocal<v8::Value> undefined(Worker& worker) {
  return v8::Undefined(worker.isolate()).As<v8::Value>();
}

// The socket that the first argument names; throws, and is null, when it is not of this invocation.
OpenSocket* require_socket(const Caller& caller, const js::Arguments& info) {
  OpenSocket* socket = caller.invocation->sockets().find(int_argument(info, 0));
  if (socket == nullptr) throw_other_request(info.GetIsolate());
  return socket;
}

// Adds the socket that a connection or a handshake gave: [number, remote address, local address].
v8::MaybeLocal<v8::Value> opened_value(Worker& worker, v8::Local<v8::Context> context,
                                       Invocation& invocation, Result<net::Connection>& made) {
  invocation.sockets().opened();
  if (!made) {
    throw_error(worker, context, made.error());
    return {};
  }
  std::int32_t number = worker.next_id();
  invocation.sockets().add(number, std::move(made->stream));
  v8::Isolate* isolate = worker.isolate();
  v8::Local<v8::Value> values[] = {v8::Integer::New(isolate, number),
                                   js::to_v8(isolate, made->remote_address),
                                   js::to_v8(isolate, made->local_address)};
  return v8::Array::New(isolate, values, 3).As<v8::Value>();
}

// What settles `pending` with the socket that was made.
auto settle_opened(Worker& worker, Worker::Pending pending) {
  return [&worker, pending = std::move(pending)](Result<net::Connection> made) mutable {
    if (pending.worker.expired()) return;
    Worker::settle(pending, [&worker, made = std::move(made)](v8::Local<v8::Context> context,
                                                              Invocation& invocation) mutable {
      return opened_value(worker, context, invocation, made);
    });
  };
}

bool require_room(const Caller& caller, const js::Arguments& info) {
  if (!caller.invocation->sockets().full()) return true;
  js::throw_error(info.GetIsolate(), "Too many open sockets.");
  return false;
}

// (channel, host, port, secure, server name, authority) → promise of [number, remote address, local
// address]. Throws at once in global scope and beyond a limit.
void socket_open(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  Invocation& invocation = *caller.invocation;
  std::optional<RpcService> service = caller.worker->service(invocation, int_argument(info, 0));
  if (!service) return throw_other_request(info.GetIsolate());
  if (invocation.reaches_hop_limit()) return js::throw_error(info.GetIsolate(), kTooManyHops);
  if (!require_room(caller, info) || !count_subrequest(caller, info)) return;
  auto started = caller.worker->start_pending(invocation);
  if (!started) return;
  info.GetReturnValue().Set(started->promise);
  SocketRequest request;
  request.target.host = text_argument(info, 1);
  request.target.port = static_cast<std::uint16_t>(number_argument(info, 2));
  if (info[3]->IsTrue()) request.target.tls = net::TlsOptions{text_argument(info, 4), {}};
  request.authority = text_argument(info, 5);
  auto begin = [worker = caller.worker, pending = started->pending,
                target = std::move(service->target), request = std::move(request),
                options = invocation.options_of_call(std::move(service->options))]() mutable {
    // Not from inside of a turn: the target may be another Worker.
    worker->host().scheduler.run([worker, pending = std::move(pending), target = std::move(target),
                                  request = std::move(request),
                                  options = std::move(options)]() mutable {
      if (pending.worker.expired()) return;
      target->connect(std::move(request), std::move(options),
                      settle_opened(*worker, std::move(pending)));
    });
  };
  invocation.sockets().open(std::move(begin));
}

// (number) → promise of bytes, or null at the end.
void socket_read(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  OpenSocket* socket = require_socket(caller, info);
  if (socket == nullptr) return;
  if (socket->reading != 0) {
    return js::throw_type_error(info.GetIsolate(), "This socket is already being read.");
  }
  auto started = caller.worker->start_pending(*caller.invocation);
  if (!started) return;
  info.GetReturnValue().Set(started->promise);
  socket->reading = started->pending.operation;
  socket->stream->read([worker = caller.worker, pending = started->pending,
                        number = int_argument(info, 0)](Result<std::string> bytes) {
    if (pending.worker.expired()) return;
    Worker::settle(
        pending,
        [worker, number, bytes = std::move(bytes)](
            v8::Local<v8::Context> context, Invocation& invocation) -> v8::MaybeLocal<v8::Value> {
          if (OpenSocket* read = invocation.sockets().find(number)) read->reading = 0;
          if (!bytes) {
            throw_error(*worker, context, bytes.error());
            return {};
          }
          if (bytes->empty()) return v8::Null(worker->isolate()).As<v8::Value>();
          v8::Local<v8::Uint8Array> array;
          if (!js::new_uint8_array(worker->isolate(), *bytes).ToLocal(&array)) return {};
          return array.As<v8::Value>();
        });
  });
}

// Starts what ends with a Result<void>; the promise is the native's value.
template <typename Start>
void start_write(const js::Arguments& info, Start start) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  OpenSocket* socket = require_socket(caller, info);
  if (socket == nullptr) return;
  if (socket->writing != 0) {
    return js::throw_type_error(info.GetIsolate(), "This socket is already being written.");
  }
  auto started = caller.worker->start_pending(*caller.invocation);
  if (!started) return;
  info.GetReturnValue().Set(started->promise);
  socket->writing = started->pending.operation;
  start(*socket->stream, [worker = caller.worker, pending = started->pending,
                          number = int_argument(info, 0)](Result<void> done) {
    if (pending.worker.expired()) return;
    Worker::settle(
        pending,
        [worker, number, done = std::move(done)](
            v8::Local<v8::Context> context, Invocation& invocation) -> v8::MaybeLocal<v8::Value> {
          if (OpenSocket* written = invocation.sockets().find(number)) written->writing = 0;
          if (done) return undefined(*worker);
          throw_error(*worker, context, done.error());
          return {};
        });
  });
}

// (number, bytes) → promise: the kernel has taken them.
void socket_write(const js::Arguments& info) {
  std::string copy;
  if (auto bytes = js::bytes_of(info[1])) {
    copy.assign(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  }
  start_write(info, [&copy](net::Stream& stream, net::Stream::Done done) {
    stream.write(std::move(copy), std::move(done));
  });
}

// (number) → promise: nothing more will be sent.
void socket_shutdown(const js::Arguments& info) {
  start_write(info, [](net::Stream& stream, net::Stream::Done done) {
    stream.shutdown_write(std::move(done));
  });
}

// Ends what waits on a socket that is no longer there.
void release_waiting(const Caller& caller, const OpenSocket& socket) {
  Worker& worker = *caller.worker;
  Worker::Pending pending{worker.weak_from_this(), caller.invocation->id, socket.reading};
  if (socket.reading != 0) {
    Worker::settle(pending, [&worker](v8::Local<v8::Context>, Invocation&) {
      return v8::MaybeLocal<v8::Value>(v8::Null(worker.isolate()));
    });
  }
  pending.operation = socket.writing;
  if (socket.writing != 0) {
    Worker::settle(pending, [&worker](v8::Local<v8::Context> context, Invocation&) {
      return throw_closed(worker, context);
    });
  }
}

// (number): closes it. A read that waits ends with null, a write fails. Nothing for a closed one.
void socket_close(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller || caller.invocation->sockets().find(int_argument(info, 0)) == nullptr) return;
  release_waiting(caller, caller.invocation->sockets().take(int_argument(info, 0)));
}

// (number): a read that waits ends with null. Nothing for a closed one.
void socket_cancel_read(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  OpenSocket* socket = caller.invocation->sockets().find(int_argument(info, 0));
  if (socket == nullptr || socket->reading == 0) return;
  socket->stream->cancel_read();
  OpenSocket waiting;
  waiting.reading = std::exchange(socket->reading, 0);
  release_waiting(caller, waiting);
}

// (number, server name) → promise of the secured socket, as socket_open's. The old number is void.
void socket_start_tls(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  OpenSocket* found = require_socket(caller, info);
  if (found == nullptr) return;
  if (found->writing != 0) {
    return js::throw_type_error(info.GetIsolate(), "This socket is being written.");
  }
  auto started = caller.worker->start_pending(*caller.invocation);
  if (!started) return;
  info.GetReturnValue().Set(started->promise);
  OpenSocket socket = caller.invocation->sockets().take(int_argument(info, 0));
  socket.stream->cancel_read();
  release_waiting(caller, socket);
  caller.invocation->sockets().open([worker = caller.worker, pending = started->pending,
                                     asker = asker_of(*caller.worker, *caller.invocation),
                                     stream = std::move(socket.stream),
                                     name = text_argument(info, 1)]() mutable {
    worker->host().connector.start_tls(std::move(asker), std::move(stream), {std::move(name), {}},
                                       [done = settle_opened(*worker, std::move(pending))](
                                           Result<std::unique_ptr<net::Stream>> secured) mutable {
                                         if (!secured)
                                           return done(fail(std::move(secured.error())));
                                         net::Connection made;
                                         made.stream = std::move(*secured);
                                         done(std::move(made));
                                       });
  });
}

constexpr js::NativeFunction kNatives[] = {
    {"socketOpen", socket_open},          {"socketRead", socket_read},
    {"socketWrite", socket_write},        {"socketShutdown", socket_shutdown},
    {"socketClose", socket_close},        {"socketCancelRead", socket_cancel_read},
    {"socketStartTls", socket_start_tls},
};

}  // namespace

js::NativeTable socket_natives() { return kNatives; }

}  // namespace atoll::runtime
