// Connections for a Worker's `connect` handler.
#include "net/stream_pair.h"
#include "runtime/worker.h"

namespace atoll::runtime {
namespace {

// Gives the caller its end once there is a handler for the other.
class ConnectReturn final : public RpcReturn {
 public:
  ConnectReturn(net::Connector& connector, std::unique_ptr<net::Stream> stream,
                std::optional<net::TlsOptions> tls, net::Connector::ConnectDone done)
      : connector_(connector),
        stream_(std::move(stream)),
        tls_(std::move(tls)),
        done_(std::move(done)) {}

  ~ConnectReturn() override {
    if (done_) refuse("Network connection lost.");
  }

  void on_result(RpcResult) override {
    if (!tls_) return finish(std::move(stream_));
    // The handler is no party to it: what it gets is what would go over a wire.
    connector_.start_tls({}, std::move(stream_), *std::move(tls_),
                         [done = std::exchange(done_, nullptr)](
                             Result<std::unique_ptr<net::Stream>> secured) mutable {
                           if (!secured) return done(fail(std::move(secured.error())));
                           done(net::Connection{std::move(*secured), "", ""});
                         });
  }
  void on_failure(Failure failure) override { refuse(std::move(failure.message)); }

 private:
  void finish(std::unique_ptr<net::Stream> stream) {
    std::exchange(done_, nullptr)(net::Connection{std::move(stream), "", ""});
  }
  void refuse(std::string message) {
    std::exchange(done_, nullptr)(fail(Error(ErrorKind::Unavailable, std::move(message))));
  }

  net::Connector& connector_;
  std::unique_ptr<net::Stream> stream_;
  std::optional<net::TlsOptions> tls_;
  net::Connector::ConnectDone done_;
};

}  // namespace

void Worker::connect(SocketRequest request, std::string entrypoint, CallOptions options,
                     net::Connector::ConnectDone done) {
  Invocation& invocation = begin_invocation(std::move(entrypoint), std::move(options));
  InvocationId id = invocation.id;
  if (flags_.has("connect_pass_through")) {
    RpcService next = *service(invocation, 0);
    CallOptions passed = invocation.options_of_call(std::move(next.options));
    bool too_far = invocation.reaches_hop_limit();
    invocations_.erase(id);  // nothing of it runs
    if (too_far) return done(fail(Error(ErrorKind::LimitReached, "Too many Workers in a row.")));
    return next.target->connect(std::move(request), std::move(passed), std::move(done));
  }
  invocation.handler = "connect";
  invocation.method = "CONNECT";
  invocation.url = request.authority;
  auto [callers, handlers] = net::make_stream_pair(host_.scheduler.loop());
  std::int32_t socket = next_id();
  invocation.sockets().add(socket, std::move(handlers));
  RpcState& state = invocation.rpc_state();
  std::int32_t number = next_id();
  state.incoming[number] = {
      std::make_unique<ConnectReturn>(host_.connector, std::move(callers),
                                      std::move(request.target.tls), std::move(done)),
      true,
      true,
      {}};
  ++state.session_calls;
  run_turn(id, [this, number, socket, authority = std::move(request.authority)](
                   v8::Local<v8::Context> context, Invocation& started) {
    v8::Isolate* isolate = fresh_.isolate;
    v8::Local<v8::Value> none = v8::Undefined(isolate);
    const auto& env_values = started.options.env_values;
    v8::Local<v8::Uint8Array> env;
    bool has_env = env_values && js::new_uint8_array(isolate, *env_values).ToLocal(&env);
    v8::Local<v8::Value> arguments[] = {
        v8::Integer::New(isolate, number),
        v8::Integer::New(isolate, socket),
        started.entrypoint.empty() ? none : js::to_v8(isolate, started.entrypoint).As<v8::Value>(),
        props_of(started),
        js::to_v8(isolate, authority),
        has_env ? env.As<v8::Value>() : none,
        none,
        none,
        v8::True(isolate)};
    int count = started.options.next ? 9 : 6;
    (void)functions_.deliver_call.Get(isolate)->Call(context, none, count, arguments);
  });
}

}  // namespace atoll::runtime
