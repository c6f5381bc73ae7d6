// Remote procedure calls into and out of a Worker's invocations.
#include <algorithm>

#include "js/native_function.h"
#include "runtime/worker.h"

namespace atoll::runtime {
namespace {

constexpr std::size_t kMaxLoggedMethod = 256;

Failure context_gone() {
  return {Outcome::Canceled, "Error",
          "The execution context which hosts this callback is no longer running.", "", false};
}

// An object of an invocation in this process.
class LocalExport final : public RpcCapability {
 public:
  LocalExport(Worker& worker, InvocationId invocation, std::int32_t number)
      : worker_(worker.weak_from_this()),
        scheduler_(worker.host().scheduler),
        line_(worker.line()),
        invocation_(invocation),
        number_(number) {}

  // Holders are destroyed at all sorts of moments, inside of the turn of another Worker too.
  ~LocalExport() override {
    if (worker_.expired()) return;
    // In the line of the calls: the last of them comes first.
    scheduler_.later(*line_, [worker = std::move(worker_), id = invocation_, number = number_] {
      if (auto alive = worker.lock()) alive->release_export(id, number);
    });
  }

  bool is_of(const Worker& worker, InvocationId invocation) const {
    return invocation_ == invocation && worker_.lock().get() == &worker;
  }

  void call(RpcCall call, std::unique_ptr<RpcReturn> back) override {
    std::shared_ptr<Worker> worker = worker_.lock();
    if (worker == nullptr) return back->on_failure(context_gone());
    worker->call_export(invocation_, number_, std::move(call), std::move(back));
  }

 private:
  std::weak_ptr<Worker> worker_;
  Scheduler& scheduler_;  // of the host, which outlives every Worker
  std::shared_ptr<Scheduler::Line> line_;
  InvocationId invocation_;
  std::int32_t number_;
};

// An entrypoint of a Worker, for as long as that runs.
class SelfTarget final : public ServiceTarget {
 public:
  SelfTarget(std::weak_ptr<Worker> worker, std::string entrypoint)
      : worker_(std::move(worker)), entrypoint_(std::move(entrypoint)) {}

  void call(HttpRequest request, CallOptions options,
            std::unique_ptr<ResponseReceiver> receiver) override {
    std::shared_ptr<Worker> worker = worker_.lock();
    if (worker == nullptr || worker->condemned()) return receiver->on_failure(context_gone());
    worker->fetch(std::move(request), entrypoint_, std::move(options), std::move(receiver));
  }
  void rpc(RpcCall call, CallOptions options, std::unique_ptr<RpcReturn> back) override {
    std::shared_ptr<Worker> worker = worker_.lock();
    if (worker == nullptr || worker->condemned()) return back->on_failure(context_gone());
    worker->rpc(std::move(call), entrypoint_, std::move(options), std::move(back));
  }
  void connect(SocketRequest request, CallOptions options,
               net::Connector::ConnectDone done) override {
    std::shared_ptr<Worker> worker = worker_.lock();
    if (worker == nullptr || worker->condemned()) {
      return done(fail(Error(ErrorKind::Unavailable, context_gone().message)));
    }
    worker->connect(std::move(request), entrypoint_, std::move(options), std::move(done));
  }

 private:
  std::weak_ptr<Worker> worker_;
  std::string entrypoint_;
};

std::string method_name(const RpcCall& call) {
  std::string name;
  for (const std::string& part : call.path) {
    if (!name.empty()) name += '.';
    name += part;
    if (name.size() > kMaxLoggedMethod) return name.substr(0, kMaxLoggedMethod);
  }
  return name;
}

enum ExternalKind { kImport = 0, kMessage = 1, kSink = 2, kChannel = 3, kSocket = 4 };

}  // namespace

InvocationId Worker::rpc(RpcCall call, std::string entrypoint, CallOptions options,
                         std::unique_ptr<RpcReturn> back) {
  Invocation& invocation = begin_invocation(std::move(entrypoint), std::move(options));
  InvocationId id = invocation.id;
  invocation.handler = "rpc";
  invocation.rpc_method = method_name(call);
  RpcState& state = invocation.rpc_state();
  std::int32_t number = next_id();
  back->on_started(weak_from_this(), id);
  state.incoming[number] = {std::move(back), true, true, {}};
  ++state.session_calls;
  deliver_call(id, number, 0, std::move(call));
  return id;
}

std::shared_ptr<ServiceTarget> Worker::self_target(std::string entrypoint) {
  return std::make_shared<SelfTarget>(weak_from_this(), std::move(entrypoint));
}

void Worker::call_export(InvocationId id, std::int32_t target, RpcCall call,
                         std::unique_ptr<RpcReturn> back) {
  Invocation* invocation = find(id);
  if (invocation == nullptr || invocation->rpc == nullptr) return back->on_failure(context_gone());
  RpcState& state = *invocation->rpc;
  auto found = state.exports.find(target);
  if (found == state.exports.end()) return back->on_failure(context_gone());
  last_used_ = Watchdog::Clock::now();
  bool of_session = found->second.of_session && !call.in_background;
  std::int32_t number = next_id();
  back->on_started({}, id);  // not for the caller to cancel
  state.incoming[number] = {std::move(back), of_session, false, {}};
  if (of_session) ++state.session_calls;
  deliver_call(id, number, target, std::move(call));
}

void Worker::deliver_call(InvocationId id, std::int32_t number, std::int32_t target, RpcCall call) {
  run_turn(id, [this, number, target, call = std::move(call)](v8::Local<v8::Context> context,
                                                              Invocation& invocation) mutable {
    v8::Isolate* isolate = fresh_.isolate;
    v8::Local<v8::Value> none = v8::Undefined(isolate);
    v8::Local<v8::Value> entry = none;
    if (target != 0) {
      // The caller holds it as long as its call is on the way.
      auto found = invocation.rpc->exports.find(target);
      if (found == invocation.rpc->exports.end()) return;
      entry = found->second.entry.Get(isolate);
    }
    std::vector<v8::Local<v8::Value>> path;
    path.reserve(call.path.size());
    for (const std::string& name : call.path) path.push_back(js::to_v8(isolate, name));
    v8::Local<v8::Value> bytes = none;
    v8::Local<v8::Value> externals = none;
    if (call.arguments) {
      v8::Local<v8::Uint8Array> array;
      if (!js::new_uint8_array(isolate, call.arguments->bytes).ToLocal(&array) ||
          !take_externals(invocation, *call.arguments).ToLocal(&externals)) {
        return;
      }
      bytes = array;
    }
    v8::Local<v8::Value> env_values = none;
    if (target == 0 && invocation.options.env_values) {
      v8::Local<v8::Uint8Array> array;
      if (!js::new_uint8_array(isolate, *invocation.options.env_values).ToLocal(&array)) return;
      env_values = array;
    }
    v8::Local<v8::Value> arguments[] = {
        v8::Integer::New(isolate, number),
        entry,
        invocation.entrypoint.empty() ? none
                                      : js::to_v8(isolate, invocation.entrypoint).As<v8::Value>(),
        target == 0 ? props_of(invocation) : none,
        v8::Array::New(isolate, path.data(), path.size()),
        v8::Boolean::New(isolate, call.reads_property),
        bytes,
        externals,
        target == 0 && invocation.options.next ? v8::True(isolate).As<v8::Value>() : none,
        env_values};
    (void)functions_.deliver_call.Get(isolate)->Call(context, none, 10, arguments);
  });
}

std::shared_ptr<RpcCapability> Worker::add_export(Invocation& invocation,
                                                  v8::Local<v8::Object> entry, bool wants_release,
                                                  bool of_session) {
  RpcState& state = invocation.rpc_state();
  std::int32_t number = next_id();
  RpcState::Export& made = state.exports[number];
  made.entry.Reset(fresh_.isolate, entry);
  made.wants_release = wants_release;
  made.of_session = of_session;
  if (of_session) ++state.held;
  return std::make_shared<LocalExport>(*this, invocation.id, number);
}

void Worker::release_export(InvocationId id, std::int32_t number) {
  Invocation* invocation = find(id);
  if (invocation == nullptr || invocation->rpc == nullptr) return;
  RpcState& state = *invocation->rpc;
  auto found = state.exports.find(number);
  if (found == state.exports.end()) return;
  RpcState::Export released = std::move(found->second);
  state.exports.erase(found);
  if (!released.wants_release) {
    if (released.of_session) --state.held;
    return settle_accounts(id);
  }
  // The invocation is held until its object has been told.
  run_turn(id, [this, released = std::move(released)](v8::Local<v8::Context> context,
                                                      Invocation& owner) {
    if (released.of_session) --owner.rpc->held;
    call_builtin(context, functions_.release_export, released.entry.Get(fresh_.isolate));
  });
}

v8::MaybeLocal<v8::Value> Worker::take_externals(Invocation& invocation, RpcMessage& message) {
  v8::Isolate* isolate = fresh_.isolate;
  if (message.externals.empty()) return v8::Undefined(isolate).As<v8::Value>();
  RpcState& state = invocation.rpc_state();
  std::vector<v8::Local<v8::Value>> flat;
  flat.reserve(message.externals.size() * 2);
  auto add = [&](ExternalKind kind, std::int32_t number) {
    flat.push_back(v8::Integer::New(isolate, kind));
    flat.push_back(v8::Integer::New(isolate, number));
  };
  for (RpcExternal& external : message.externals) {
    if (auto* capability = std::get_if<std::shared_ptr<RpcCapability>>(&external)) {
      std::int32_t number = next_id();
      state.imports[number] = std::move(*capability);
      add(kImport, number);
    } else if (auto* source = std::get_if<std::unique_ptr<ByteSource>>(&external)) {
      add(kMessage, add_message(invocation, {}, std::move(*source)));
    } else if (auto* writer = std::get_if<RpcWriter>(&external)) {
      std::int32_t number = next_id();
      invocation.sinks[number] = writer->take();
      add(kSink, number);
    } else if (auto* stream = std::get_if<std::unique_ptr<net::Stream>>(&external)) {
      std::int32_t number = next_id();
      // Beyond the limit it is closed at once.
      if (!invocation.sockets().full()) invocation.sockets().add(number, std::move(*stream));
      add(kSocket, number);
    } else {
      add(kChannel, add_channel(invocation, std::move(std::get<RpcService>(external))));
    }
  }
  return v8::Array::New(isolate, flat.data(), flat.size()).As<v8::Value>();
}

v8::MaybeLocal<v8::Value> Worker::take_message(v8::Local<v8::Context> context,
                                               Invocation& invocation, RpcMessage message) {
  v8::Isolate* isolate = fresh_.isolate;
  v8::Local<v8::Uint8Array> bytes;
  v8::Local<v8::Value> externals;
  if (!js::new_uint8_array(isolate, message.bytes).ToLocal(&bytes) ||
      !take_externals(invocation, message).ToLocal(&externals)) {
    return {};
  }
  v8::Local<v8::Value> parts[] = {bytes, externals};
  return v8::Array::New(isolate, parts, 2).As<v8::Value>();
}

void Worker::deliver_returns(Invocation& invocation) {
  if (invocation.rpc == nullptr) return;
  RpcState& state = *invocation.rpc;
  std::vector<std::int32_t> ready;
  for (auto& [number, call] : state.incoming) {
    if (!std::holds_alternative<std::monostate>(call.ready)) ready.push_back(number);
  }
  std::ranges::sort(ready);  // in the order of the calls
  for (std::int32_t number : ready) {
    auto found = state.incoming.find(number);
    RpcState::Incoming call = std::move(found->second);
    state.incoming.erase(found);
    if (call.of_session) --state.session_calls;
    if (auto* result = std::get_if<RpcResult>(&call.ready)) {
      call.back->on_result(std::move(*result));
      continue;
    }
    Failure& failure = std::get<Failure>(call.ready);
    if (call.begins && invocation.outcome == Outcome::Ok) {
      invocation.outcome = failure.outcome;
      invocation.exception =
          failure.stack.empty() ? failure.name + ": " + failure.message : failure.stack;
    }
    call.back->on_failure(std::move(failure));
  }
}

void Worker::fail_calls(Invocation& invocation, const Failure& failure) {
  if (invocation.rpc == nullptr) return;
  auto incoming = std::move(invocation.rpc->incoming);
  invocation.rpc->incoming.clear();
  invocation.rpc->session_calls = 0;
  for (auto& [number, call] : incoming) call.back->on_failure(failure);
}

bool Worker::may_be_called(const Invocation& invocation) {
  if (invocation.rpc == nullptr) return false;
  std::size_t held = invocation.rpc->exports.size();
  for (const auto& [number, capability] : invocation.rpc->imports) {
    if (held == 0) break;
    const auto* local = dynamic_cast<const LocalExport*>(capability.get());
    if (local != nullptr && capability.use_count() == 1 && local->is_of(*this, invocation.id)) {
      --held;
    }
  }
  return held > 0;
}

void Worker::abort_invocation(Invocation& invocation, Failure failure) {
  invocation.aborted = std::move(failure);
  touch(invocation);
}

}  // namespace atoll::runtime
