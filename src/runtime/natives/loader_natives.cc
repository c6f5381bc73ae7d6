// Natives of the worker_loader binding; what may be in the code is decided in bindings/loader/.
#include "bundle/bundle.h"
#include "compatibility/flags.h"
#include "runtime/loaded_worker.h"
#include "runtime/natives/invocation_access.h"
#include "runtime/natives/natives.h"
#include "runtime/natives/rpc_messages.h"

namespace atoll::runtime {
namespace {

// An entrypoint of a loaded Worker, as one invocation of its parent sees it.
class LoadedTarget final : public ServiceTarget {
 public:
  LoadedTarget(std::shared_ptr<LoadedWorker> loaded, Worker& parent, InvocationId invocation,
               std::int32_t number, std::string entrypoint)
      : loaded_(std::move(loaded)),
        parent_(parent.weak_from_this()),
        invocation_(invocation),
        number_(number),
        entrypoint_(std::move(entrypoint)) {}

  void call(HttpRequest request, CallOptions options,
            std::unique_ptr<ResponseReceiver> receiver) override {
    deliver(fetch_event(std::move(request), std::move(options), std::move(receiver)));
  }
  void rpc(RpcCall call, CallOptions options, std::unique_ptr<RpcReturn> back) override {
    deliver(rpc_event(std::move(call), std::move(options), std::move(back)));
  }
  void connect(SocketRequest request, CallOptions options,
               net::Connector::ConnectDone done) override {
    deliver(connect_event(std::move(request), std::move(options), std::move(done)));
  }

 private:
  void deliver(std::unique_ptr<Event> event) {
    loaded_->deliver(std::move(event), entrypoint_, [this] {
      std::shared_ptr<Worker> parent = parent_.lock();
      if (parent == nullptr || !parent->ask_for_code(invocation_, number_)) {
        loaded_->fail({Outcome::Exception, "Error",
                       "The Worker that would provide the code is no longer running.", "", false});
      }
    });
  }

  std::shared_ptr<LoadedWorker> loaded_;
  std::weak_ptr<Worker> parent_;
  InvocationId invocation_;
  std::int32_t number_;
  std::string entrypoint_;
};

// (name | undefined, getCode) → a number for this invocation
void loader_open(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller || !info[1]->IsFunction()) return;
  std::int32_t number = caller.worker->next_id();
  RpcState::Loading& loading = caller.invocation->rpc_state().loading[number];
  loading.name = text_argument(info, 0);
  loading.worker = info[0]->IsString()
                       ? caller.worker->loaded_by_name(loading.name)
                       : std::make_shared<LoadedWorker>(caller.worker->host().scheduler,
                                                        caller.worker->host().services);
  if (loading.worker == nullptr) {
    return js::throw_error(info.GetIsolate(), "Too many Workers have been loaded by name.");
  }
  loading.get_code.Reset(info.GetIsolate(), info[1].As<v8::Function>());
  info.GetReturnValue().Set(number);
}

RpcState::Loading* find_loading(const Caller& caller, const js::Arguments& info) {
  auto& all = caller.invocation->rpc_state().loading;
  auto found = all.find(int_argument(info, 0));
  if (found != all.end()) return &found->second;
  throw_other_request(info.GetIsolate());
  return nullptr;
}

// (number, entrypoint | undefined, propsBytes | undefined, propsExternals | undefined, cpuMs,
// subRequests) → channel
void loader_entrypoint(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  RpcState::Loading* loading = find_loading(caller, info);
  if (loading == nullptr) return;
  RpcService service{
      std::make_shared<LoadedTarget>(loading->worker, *caller.worker, caller.invocation->id,
                                     int_argument(info, 0), text_argument(info, 1)),
      {}};
  if (!take_props(caller, info, info[2], info[3], service.options)) return;
  service.options.cpu_ms = static_cast<std::int64_t>(number_argument(info, 4));
  service.options.subrequests = static_cast<std::int64_t>(number_argument(info, 5));
  info.GetReturnValue().Set(caller.worker->add_channel(*caller.invocation, std::move(service)));
}

// The bytes of a module: a string, bytes, or a compiled WebAssembly module.
std::optional<std::string> content_of(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  if (value->IsString()) return js::to_utf8(isolate, value);
  if (value->IsWasmModuleObject()) {
    v8::MemorySpan<const std::uint8_t> wire =
        value.As<v8::WasmModuleObject>()->GetCompiledModule().GetWireBytesRef();
    return std::string(reinterpret_cast<const char*>(wire.data()), wire.size());
  }
  auto bytes = js::bytes_of(value);
  if (!bytes) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

Result<std::string> encode_modules(v8::Local<v8::Context> context, v8::Local<v8::Array> flat) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  std::vector<std::string> texts(flat->Length());  // names and contents, which stay in place
  std::vector<bundle::Module> modules;
  for (std::uint32_t i = 0; i + 2 < flat->Length(); i += 3) {
    v8::Local<v8::Value> name;
    v8::Local<v8::Value> kind;
    v8::Local<v8::Value> value;
    if (!flat->Get(context, i).ToLocal(&name) || !flat->Get(context, i + 1).ToLocal(&kind) ||
        !flat->Get(context, i + 2).ToLocal(&value) || !name->IsString() || !kind->IsInt32()) {
      return fail(invalid_input("a module of a dynamic Worker is wrong"));
    }
    texts[i] = js::to_utf8(isolate, name);
    std::optional<std::string> content = content_of(isolate, value);
    if (!content) return fail(invalid_input("the module " + texts[i] + " has no content"));
    texts[i + 1] = *std::move(content);
    bundle::Module module;
    module.name = texts[i];
    module.kind = static_cast<bundle::ModuleKind>(kind.As<v8::Int32>()->Value());
    module.bytes = texts[i + 1];
    modules.push_back(module);
  }
  return bundle::Bundle::encode(modules);
}

Result<std::shared_ptr<const Script>> make_script(const Caller& caller, const js::Arguments& info,
                                                  const std::string& name) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  const Script& parent = caller.worker->script();
  auto script = std::make_shared<Script>();
  script->identity = parent.identity;
  script->identity.script_name += ":" + (name.empty() ? "dynamic" : name.substr(0, 64));
  script->version.handle = parent.version.handle;  // whose way to the outside it is
  script->version.version_id = parent.version.version_id;
  script->version.compatibility_date = text_argument(info, 1);
  if (!info[2]->IsArray() || !info[3]->IsArray()) {
    return fail(invalid_input("a dynamic Worker needs modules"));
  }
  auto flags = info[2].As<v8::Array>();
  for (std::uint32_t i = 0; i < flags->Length(); ++i) {
    v8::Local<v8::Value> flag;
    if (flags->Get(context, i).ToLocal(&flag) && flag->IsString()) {
      script->version.compatibility_flags.push_back(js::to_utf8(isolate, flag));
    }
  }
  TRY_VOID(compatibility::check_flags(script->version.compatibility_flags));
  std::string encoded = TRY(encode_modules(context, info[3].As<v8::Array>()));
  script->code.mapping = TRY(Mapping::copy_of(encoded));
  script->code.bundle = TRY(bundle::BundleView::parse(script->code.mapping->bytes()));
  script->limits = parent.limits;
  script->outbound = parent.outbound;
  script->limits.lower(static_cast<std::int64_t>(number_argument(info, 8)),
                       static_cast<std::int64_t>(number_argument(info, 9)));
  return script;
}

// (number, date, flags, [name, kind, content, …], envBytes, envExternals, outbound,
// outboundChannel, cpuMs, subRequests): the code that was asked for. `outbound`: 0 the parent's, 1
// none, 2 a service.
void loader_provide(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  RpcState::Loading* loading = find_loading(caller, info);
  if (loading == nullptr) return;
  loading->asked = false;
  LoadedSetup setup;
  setup.line = caller.worker->line();
  if (!take_rpc_message(caller, info, info[4], info[5], setup.env)) return;
  for (const RpcExternal& external : setup.env.externals) {
    if (!std::holds_alternative<RpcService>(external)) {
      return js::throw_type_error(info.GetIsolate(),
                                  "The env of a dynamic Worker can hold services only.");
    }
  }
  switch (int_argument(info, 6)) {
    case 1:
      setup.outbound = LoadedSetup::Outbound::None;
      break;
    case 2: {
      auto service = caller.worker->service(*caller.invocation, int_argument(info, 7));
      if (!service) return throw_other_request(info.GetIsolate());
      setup.outbound = LoadedSetup::Outbound::Service;
      setup.service = *std::move(service);
      break;
    }
    default:
      // The parent's own, which may be cut off itself.
      caller.worker->inherit_outbound(setup);
  }
  auto script = make_script(caller, info, loading->name);
  if (!script) return js::throw_error(info.GetIsolate(), script.error().message());
  loading->worker->provide(*std::move(script), std::move(setup));
}

// (number, name, message): there is no code.
void loader_fail(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  RpcState::Loading* loading = find_loading(caller, info);
  if (loading == nullptr) return;
  loading->asked = false;
  caller.worker->host().scheduler.later(
      [worker = loading->worker, failure = Failure{Outcome::Exception, text_argument(info, 1),
                                                   text_argument(info, 2), "", false}] {
        worker->fail(failure);
      });
}

void is_wasm_module(const js::Arguments& info) {
  info.GetReturnValue().Set(info[0]->IsWasmModuleObject());
}

constexpr js::NativeFunction kNatives[] = {
    {"loaderOpen", loader_open},       {"loaderEntrypoint", loader_entrypoint},
    {"loaderProvide", loader_provide}, {"loaderFail", loader_fail},
    {"isWasmModule", is_wasm_module},
};

}  // namespace

js::NativeTable loader_natives() { return kNatives; }

}  // namespace atoll::runtime
