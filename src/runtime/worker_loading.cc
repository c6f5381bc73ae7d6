// Workers that a Worker loads: its side as the parent, and as the one that was loaded.
#include "js/native_function.h"
#include "runtime/worker.h"

namespace atoll::runtime {
namespace {

// Where fetch() and connect() of a loaded Worker go that may not reach the outside.
class NoOutside final : public ServiceTarget {
 public:
  void call(HttpRequest, CallOptions, std::unique_ptr<ResponseReceiver> receiver) override {
    receiver->on_failure(
        {Outcome::Exception, "Error",
         "This worker is not permitted to access the internet via global functions like fetch(). "
         "It must use capabilities (such as bindings in 'env') to talk to the outside world.",
         "", false});
  }
  void connect(SocketRequest, CallOptions, net::Connector::ConnectDone done) override {
    done(fail(Error(ErrorKind::Denied,
                    "This Worker is not permitted to open connections to the outside.")));
  }
};

}  // namespace

bool Worker::ask_for_code(InvocationId id, std::int32_t number) {
  Invocation* invocation = find(id);
  if (invocation == nullptr || invocation->rpc == nullptr) return false;
  auto loading = invocation->rpc->loading.find(number);
  if (loading == invocation->rpc->loading.end()) return false;
  loading->second.asked = true;
  run_turn(id, [this, number](v8::Local<v8::Context> context, Invocation& owner) {
    v8::Isolate* isolate = fresh_.isolate;
    auto found = owner.rpc->loading.find(number);
    if (found == owner.rpc->loading.end()) return;
    v8::Local<v8::Value> arguments[] = {v8::Integer::New(isolate, number),
                                        found->second.get_code.Get(isolate)};
    (void)functions_.provide_code.Get(isolate)->Call(context, v8::Undefined(isolate), 2, arguments);
  });
  return true;
}

std::shared_ptr<LoadedWorker> Worker::loaded_by_name(const std::string& name) {
  auto found = loaded_.find(name);
  if (found != loaded_.end()) return found->second;
  if (loaded_.size() >= kMaxNamedLoaded) return nullptr;
  auto made = std::make_shared<LoadedWorker>(host_.scheduler, host_.services);
  loaded_.emplace(name, made);
  return made;
}

void Worker::inherit_outbound(LoadedSetup& setup) const {
  if (!setup_) return;
  setup.outbound = setup_->outbound;
  setup.service = setup_->service;
}

bool Worker::reaches_outside() const {
  return !setup_ || setup_->outbound == LoadedSetup::Outbound::OfParent;
}

RpcService Worker::outside() {
  if (setup_ && setup_->outbound == LoadedSetup::Outbound::None) {
    return {std::make_shared<NoOutside>(), {}};
  }
  if (setup_ && setup_->outbound == LoadedSetup::Outbound::Service) return setup_->service;
  return {host_.services.outside(script_->version.handle), {}};
}

v8::MaybeLocal<v8::Value> Worker::take_setup_env(v8::Local<v8::Context> context) {
  v8::Isolate* isolate = fresh_.isolate;
  RpcMessage env = std::move(setup_->env);
  v8::Local<v8::Uint8Array> bytes;
  if (!js::new_uint8_array(isolate, env.bytes).ToLocal(&bytes)) return {};
  std::vector<v8::Local<v8::Value>> flat;
  for (RpcExternal& external : env.externals) {
    if (auto* service = std::get_if<RpcService>(&external)) {
      flat.push_back(v8::Integer::New(isolate, kServiceExternal));
      flat.push_back(v8::Integer::New(isolate, add_channel(std::move(*service))));
    }
  }
  v8::Local<v8::Value> parts[] = {bytes, v8::Array::New(isolate, flat.data(), flat.size())};
  return v8::Array::New(isolate, parts, 2).As<v8::Value>();
}

void Worker::abandon_loading(RpcState& state) {
  for (auto& [number, loading] : state.loading) {
    if (!loading.asked) continue;
    host_.scheduler.later([worker = loading.worker] {
      worker->fail({Outcome::Exception, "Error",
                    "The Worker that would provide the code is no longer running.", "", false});
    });
  }
}

}  // namespace atoll::runtime
