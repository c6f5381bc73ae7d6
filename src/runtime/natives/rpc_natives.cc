// Natives of remote procedure calls. What a message refers to comes as a flat array
// [kind, value, …], the kinds being those of Given below; what JavaScript gets back is of the kinds
// in worker_rpc.cc.
#include "runtime/message_coding.h"
#include "runtime/natives/invocation_access.h"
#include "runtime/natives/natives.h"
#include "runtime/natives/rpc_messages.h"

namespace atoll::runtime {
namespace {

enum Given {
  kEntry = 0,         // an object of this invocation
  kTellingEntry = 1,  // one that wants to be told when nobody holds it any more
  kImported = 2,      // a number of rpcCall, rpcExport, rpcDuplicate or of a received message
  kSinkToFill = 3,    // a sink of this invocation: the receiver reads
  kReceivedBody = 4,  // a message of this invocation: the receiver reads
  kWriter = 5,        // a number of rpcOpenWriter: the receiver writes
  kService = 6,       // a channel
  kSocket = 8,        // a socket of this invocation that nothing is under way on
};

// Arguments of calls that are not answered yet, of one invocation.
constexpr std::uint64_t kMaxBytesUnderWay = 128u << 20;

std::shared_ptr<RpcCapability> find_import(const Caller& caller, const js::Arguments& info,
                                           std::int32_t number, std::string_view type = "Client") {
  if (caller.invocation->rpc) {
    auto& imports = caller.invocation->rpc->imports;
    if (auto found = imports.find(number); found != imports.end()) return found->second;
  }
  throw_other_request(info.GetIsolate(), type);
  return nullptr;
}

std::int32_t add_import(const Caller& caller, std::shared_ptr<RpcCapability> capability) {
  std::int32_t number = caller.worker->next_id();
  caller.invocation->rpc_state().imports[number] = std::move(capability);
  return number;
}

// False with an exception pending.
bool take_external(const Caller& caller, const js::Arguments& info, std::int32_t kind,
                   v8::Local<v8::Value> value, bool of_session, RpcMessage& message) {
  v8::Isolate* isolate = info.GetIsolate();
  if (kind == kEntry || kind == kTellingEntry) {
    if (!value->IsObject()) return false;
    message.externals.emplace_back(caller.worker->add_export(
        *caller.invocation, value.As<v8::Object>(), kind == kTellingEntry, of_session));
    return true;
  }
  std::int32_t number = value->IsInt32() ? value.As<v8::Int32>()->Value() : 0;
  switch (kind) {
    case kImported: {
      std::shared_ptr<RpcCapability> capability = find_import(caller, info, number);
      if (capability == nullptr) return false;
      message.externals.emplace_back(std::move(capability));
      return true;
    }
    case kSinkToFill: {
      auto sink = caller.invocation->sinks.find(number);
      if (sink == caller.invocation->sinks.end()) break;
      message.externals.emplace_back(sink->second->reader());
      return true;
    }
    case kReceivedBody: {
      Message* received = require_message(caller, info, value);
      if (received == nullptr) return false;
      if (received->reading) break;
      Body body = recoded(std::exchange(received->body, std::monostate()),
                          std::exchange(received->coding, std::nullopt), std::nullopt,
                          caller.worker->account());
      std::unique_ptr<ByteSource> source;
      if (auto* held = std::get_if<std::unique_ptr<ByteSource>>(&body)) {
        source = std::move(*held);
      } else {
        std::shared_ptr<BodyPipe> pipe = BodyPipe::make(std::nullopt);
        if (auto* text = std::get_if<std::string>(&body)) {
          (void)pipe->write(caller.worker->host().scheduler, std::move(*text));
        }
        pipe->close();
        source = pipe->reader();
      }
      message.externals.emplace_back(std::move(source));
      return true;
    }
    case kWriter: {
      auto& reverse = caller.invocation->rpc_state().reverse;
      auto found = reverse.find(number);
      if (found == reverse.end() || found->second.given == nullptr) break;
      message.externals.emplace_back(RpcWriter(std::move(found->second.given)));
      return true;
    }
    case kSocket: {
      OpenSocket* found = caller.invocation->sockets().find(number);
      if (found == nullptr || found->reading != 0 || found->writing != 0) break;
      message.externals.emplace_back(caller.invocation->sockets().take(number).stream);
      return true;
    }
    case kService: {
      std::optional<RpcService> service = caller.worker->service(*caller.invocation, number);
      if (!service) break;
      message.externals.emplace_back(*std::move(service));
      return true;
    }
    default:
      break;
  }
  throw_other_request(isolate);
  return false;
}

// `bytes` undefined: no message. False with an exception pending.
bool take_message(const Caller& caller, const js::Arguments& info, v8::Local<v8::Value> bytes,
                  v8::Local<v8::Value> externals, bool of_session, RpcMessage& message) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  if (auto span = js::bytes_of(bytes)) {
    if (span->size() > kMaxRpcMessageBytes) {
      js::throw_error(isolate,
                      "Serialized RPC arguments or return values are limited to 32MiB, but the "
                      "size of this value was: " +
                          std::to_string(span->size()) + " bytes.");
      return false;
    }
    message.bytes.assign(reinterpret_cast<const char*>(span->data()), span->size());
  }
  if (!externals->IsArray()) return true;
  auto flat = externals.As<v8::Array>();
  for (std::uint32_t i = 0; i + 1 < flat->Length(); i += 2) {
    v8::Local<v8::Value> kind;
    v8::Local<v8::Value> value;
    if (!flat->Get(context, i).ToLocal(&kind) || !flat->Get(context, i + 1).ToLocal(&value) ||
        !kind->IsInt32() ||
        !take_external(caller, info, kind.As<v8::Int32>()->Value(), value, of_session, message)) {
      return false;
    }
  }
  return true;
}

// Brings the answer back into the invocation that called.
class CallReturn final : public RpcReturn {
 public:
  CallReturn(Worker& worker, Worker::Pending pending, std::uint64_t bytes)
      : worker_(worker), pending_(std::move(pending)), bytes_(bytes) {}

  ~CallReturn() override {
    if (!answered_) {
      on_failure({Outcome::InternalError, "Error", "Network connection lost.", "", false});
    }
  }

  void on_result(RpcResult result) override {
    answered_ = true;
    if (pending_.worker.expired()) return;
    Worker::settle(pending_,
                   [&worker = worker_, bytes = bytes_, result = std::move(result)](
                       v8::Local<v8::Context> context,
                       Invocation& invocation) mutable -> v8::MaybeLocal<v8::Value> {
                     invocation.rpc_state().bytes_under_way -= bytes;
                     v8::Local<v8::Value> message;
                     if (!worker.take_message(context, invocation, std::move(result.value))
                              .ToLocal(&message)) {
                       return {};
                     }
                     v8::Isolate* isolate = worker.isolate();
                     v8::Local<v8::Value> parts[] = {
                         message, v8::Boolean::New(isolate, result.has_disposer)};
                     return v8::Array::New(isolate, parts, 2).As<v8::Value>();
                   });
  }

  void on_started(std::weak_ptr<Worker> callee, std::int32_t invocation) override {
    if (pending_.worker.expired()) return;
    worker_.remember_callee(pending_, std::move(callee), invocation);
  }

  void on_begun(std::move_only_function<void()> cancel) override {
    if (pending_.worker.expired()) return cancel();
    worker_.remember_cancel(pending_, std::move(cancel));
  }

  // Rejects with [name, message, details]: JavaScript makes the error where it is awaited,
  // so that its stack tells of the caller.
  void on_failure(Failure failure) override {
    answered_ = true;
    if (pending_.worker.expired()) return;
    Worker::settle(
        pending_,
        [&worker = worker_, bytes = bytes_, failure = std::move(failure)](
            v8::Local<v8::Context>, Invocation& invocation) -> v8::MaybeLocal<v8::Value> {
          invocation.rpc_state().bytes_under_way -= bytes;
          invocation.hop_limit_hit |= failure.hop_limit;
          if (failure.retry_after_seconds > 0) {
            invocation.retry_after_seconds = failure.retry_after_seconds;
          }
          v8::Isolate* isolate = worker.isolate();
          v8::Local<v8::Value> details = v8::Undefined(isolate);
          if (!failure.details.empty()) {
            v8::Local<v8::Uint8Array> array;
            if (js::new_uint8_array(isolate, failure.details).ToLocal(&array)) details = array;
          }
          v8::Local<v8::Value> parts[] = {js::to_v8(isolate, failure.name),
                                          js::to_v8(isolate, failure.message), details};
          isolate->ThrowException(v8::Array::New(isolate, parts, 3));
          return {};
        });
  }

 private:
  Worker& worker_;
  Worker::Pending pending_;
  std::uint64_t bytes_;
  bool answered_ = false;
};

bool take_path(v8::Local<v8::Context> context, v8::Local<v8::Value> value, RpcCall& call) {
  if (!value->IsArray()) return false;
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  auto array = value.As<v8::Array>();
  for (std::uint32_t i = 0; i < array->Length(); ++i) {
    v8::Local<v8::Value> name;
    if (!array->Get(context, i).ToLocal(&name) || !name->IsString()) return false;
    call.path.push_back(js::to_utf8(isolate, name));
  }
  return true;
}

// (isChannel, number, path, readsProperty, bytes, externals, isBackground, isPipeline) → [promise,
// pipeline, owner]: the promise of [[bytes, externals], hasDisposer], a number for calls on the
// result, and one for rpcRequireOwner. A call in the background keeps neither side waiting.
void rpc_call(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  v8::Isolate* isolate = info.GetIsolate();
  bool is_channel = info[0]->IsTrue();
  std::int32_t number = int_argument(info, 1);
  std::shared_ptr<RpcCapability> capability;
  std::optional<RpcService> service;
  if (is_channel) {
    service = caller.worker->service(*caller.invocation, number);
    if (!service) return throw_other_request(isolate);
    if (!count_subrequest(caller, info)) return;
  } else {
    capability = find_import(caller, info, number, info[7]->IsTrue() ? "Pipeline" : "Client");
    if (capability == nullptr) return;
  }
  RpcCall call;
  if (!take_path(isolate->GetCurrentContext(), info[2], call)) {
    return js::throw_type_error(isolate, "The path of a call must be strings.");
  }
  call.reads_property = info[3]->IsTrue();
  call.in_background = info[6]->IsTrue();
  if (!info[4]->IsUndefined()) {
    RpcMessage message;
    if (!take_message(caller, info, info[4], info[5], false, message)) return;
    call.arguments = std::move(message);
  }
  std::uint64_t bytes = call.arguments ? call.arguments->bytes.size() : 0;
  RpcState& state = caller.invocation->rpc_state();
  if (state.bytes_under_way + bytes > kMaxBytesUnderWay) {
    return js::throw_error(isolate, "Too much data is under way in remote procedure calls.");
  }
  auto started = caller.worker->start_pending(*caller.invocation, call.in_background);
  if (!started) return;
  state.bytes_under_way += bytes;
  auto promised = std::make_shared<PromisedCapability>();
  std::int32_t pipeline = add_import(caller, promised);
  auto back = std::make_unique<PipeliningReturn>(
      std::make_unique<CallReturn>(*caller.worker, started->pending, bytes), std::move(promised));
  v8::Local<v8::Value> parts[] = {started->promise, v8::Integer::New(isolate, pipeline),
                                  v8::Integer::New(isolate, caller.invocation->id)};
  info.GetReturnValue().Set(v8::Array::New(isolate, parts, 3));
  Scheduler& scheduler = caller.worker->host().scheduler;
  if (!is_channel) {
    return scheduler.run(
        *caller.worker->line(),
        [capability = std::move(capability), call = std::move(call),
         back = std::move(back)]() mutable { capability->call(std::move(call), std::move(back)); });
  }
  CallOptions options = caller.invocation->options_of_call(std::move(service->options));
  if (caller.invocation->reaches_hop_limit()) {
    return back->on_failure({Outcome::Exception, "Error", std::string(kTooManyHops), "", true});
  }
  scheduler.run(*caller.worker->line(),
                [target = std::move(service->target), call = std::move(call),
                 options = std::move(options), back = std::move(back)]() mutable {
                  target->rpc(std::move(call), std::move(options), std::move(back));
                });
}

// (entry, wantsRelease) → a number for calls on an object of this invocation itself
void rpc_export(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller || !info[0]->IsObject()) return;
  info.GetReturnValue().Set(
      add_import(caller, caller.worker->add_export(*caller.invocation, info[0].As<v8::Object>(),
                                                   info[1]->IsTrue(), false)));
}

// (owner): throws unless the invocation that made a call is the one that runs.
void rpc_require_owner(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (caller && caller.invocation->id != int_argument(info, 0)) {
    throw_other_request(info.GetIsolate(), "JsRpcPromise");
  }
}

void rpc_duplicate(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  std::shared_ptr<RpcCapability> capability = find_import(caller, info, int_argument(info, 0));
  if (capability) info.GetReturnValue().Set(add_import(caller, std::move(capability)));
}

void rpc_dispose(const js::Arguments& info) {
  Invocation* invocation = Worker::of(info.GetIsolate()).current();
  if (invocation != nullptr && invocation->rpc)
    invocation->rpc->imports.erase(int_argument(info, 0));
}

RpcState::Incoming* find_incoming(const Caller& caller, std::int32_t number) {
  if (!caller.invocation->rpc) return nullptr;
  auto found = caller.invocation->rpc->incoming.find(number);
  if (found == caller.invocation->rpc->incoming.end()) return nullptr;
  return std::holds_alternative<std::monostate>(found->second.ready) ? &found->second : nullptr;
}

// (call, bytes, externals, pipeline, wantsRelease, hasDisposer): `pipeline` is undefined, an entry,
// or true for the only capability among the externals.
void rpc_return(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  std::int32_t number = int_argument(info, 0);
  RpcState::Incoming* incoming = find_incoming(caller, number);
  if (incoming == nullptr) return;
  bool of_session = incoming->of_session;
  RpcResult result;
  if (!take_message(caller, info, info[1], info[2], of_session, result.value)) return;
  if (info[3]->IsObject()) {
    result.pipeline = caller.worker->add_export(*caller.invocation, info[3].As<v8::Object>(),
                                                info[4]->IsTrue(), of_session);
  } else if (info[3]->IsTrue() && result.value.externals.size() == 1) {
    if (auto* capability =
            std::get_if<std::shared_ptr<RpcCapability>>(&result.value.externals.front())) {
      result.pipeline = *capability;
    }
  }
  result.has_disposer = info[5]->IsTrue();
  incoming = find_incoming(caller, number);
  if (incoming == nullptr) return;
  incoming->ready = std::move(result);
  caller.worker->touch(*caller.invocation);
}

Failure read_failure(const js::Arguments& info, int first) {
  Failure failure{Outcome::Exception, text_argument(info, first), text_argument(info, first + 1),
                  text_argument(info, first + 2), false};
  if (auto details = js::bytes_of(info[first + 3])) {
    failure.details.assign(reinterpret_cast<const char*>(details->data()), details->size());
  }
  return failure;
}

// (call, name, message, stack, details)
void rpc_throw(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  RpcState::Incoming* incoming = find_incoming(caller, int_argument(info, 0));
  if (incoming == nullptr) return;
  Failure failure = read_failure(info, 1);
  failure.hop_limit = caller.invocation->hop_limit_hit;
  incoming->ready = std::move(failure);
  caller.worker->touch(*caller.invocation);
}

// (name, message, stack, details): the script has given up this invocation.
void abort_invocation(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  caller.worker->abort_invocation(*caller.invocation, read_failure(info, 0));
}

// → [message, writer]: what is written to the writer, by whoever gets it, is the message's body.
void rpc_open_writer(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  v8::Isolate* isolate = info.GetIsolate();
  std::shared_ptr<BodyPipe> pipe = BodyPipe::make(std::nullopt);
  MessageId message = caller.worker->add_message(*caller.invocation, {}, pipe->reader());
  std::int32_t writer = caller.worker->next_id();
  caller.invocation->rpc_state().reverse[writer] = {pipe, pipe};
  v8::Local<v8::Value> parts[] = {v8::Integer::New(isolate, message),
                                  v8::Integer::New(isolate, writer)};
  info.GetReturnValue().Set(v8::Array::New(isolate, parts, 2));
}

// (writer, message): nobody wants what is written any more.
void rpc_cancel_writer(const js::Arguments& info) {
  Invocation* invocation = Worker::of(info.GetIsolate()).current();
  if (invocation == nullptr || !invocation->rpc) return;
  auto found = invocation->rpc->reverse.find(int_argument(info, 0));
  if (found == invocation->rpc->reverse.end()) return;
  std::shared_ptr<BodyPipe> pipe = found->second.pipe.lock();
  invocation->rpc->reverse.erase(found);
  if (pipe == nullptr) return;
  Worker::of(info.GetIsolate())
      .host()
      .scheduler.later([pipe, error = Error(ErrorKind::Unavailable, text_argument(info, 1))] {
        pipe->cancel(error);
      });
}

// (entrypoint | undefined, propsBytes | undefined, propsExternals | undefined) → channel
void self_channel(const js::Arguments& info) {
  Worker& worker = Worker::of(info.GetIsolate());
  RpcService service{worker.self_target(text_argument(info, 0)), {}};
  if (info[1]->IsUndefined()) {
    return info.GetReturnValue().Set(worker.add_channel(std::move(service)));
  }
  Caller caller = require_invocation(info);
  if (!caller || !take_props(caller, info, info[1], info[2], service.options)) return;
  info.GetReturnValue().Set(worker.add_channel(*caller.invocation, std::move(service)));
}

constexpr js::NativeFunction kNatives[] = {
    {"selfChannel", self_channel},
    {"rpcCall", rpc_call},
    {"rpcExport", rpc_export},
    {"rpcRequireOwner", rpc_require_owner},
    {"rpcDuplicate", rpc_duplicate},
    {"rpcDispose", rpc_dispose},
    {"rpcReturn", rpc_return},
    {"rpcThrow", rpc_throw},
    {"rpcOpenWriter", rpc_open_writer},
    {"rpcCancelWriter", rpc_cancel_writer},
    {"abortInvocation", abort_invocation},
};

}  // namespace

js::NativeTable rpc_natives() { return kNatives; }

bool take_rpc_message(const Caller& caller, const js::Arguments& info, v8::Local<v8::Value> bytes,
                      v8::Local<v8::Value> externals, RpcMessage& message) {
  return take_message(caller, info, bytes, externals, false, message);
}

bool take_props(const Caller& caller, const js::Arguments& info, v8::Local<v8::Value> bytes,
                v8::Local<v8::Value> externals, CallOptions& options) {
  RpcMessage message;
  if (!take_rpc_message(caller, info, bytes, externals, message)) return false;
  options.props = std::move(message.bytes);
  if (!externals->IsArray()) return true;
  auto services = std::make_shared<std::vector<RpcService>>();
  for (RpcExternal& external : message.externals) {
    auto* service = std::get_if<RpcService>(&external);
    if (service == nullptr) {
      js::throw_type_error(info.GetIsolate(), "Props can hold services only.");
      return false;
    }
    services->push_back(std::move(*service));
  }
  options.props_services = std::move(services);
  return true;
}

}  // namespace atoll::runtime
