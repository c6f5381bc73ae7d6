#include "runtime/worker.h"

#include "base/check.h"
#include "js/native_function.h"
#include "js/platform.h"
#include "runtime/code_generation.h"
#include "runtime/module_loader.h"
#include "runtime/service_props.h"
#include "runtime/worker_start.h"

namespace atoll::runtime {
namespace {

// How far the heap may grow beyond its limit while the termination takes effect. Large on purpose:
// with little room a big allocation ends the process instead of the turn.
constexpr std::size_t kHeapGrace = std::size_t{4} << 30;

v8::Local<v8::Function> get_function(v8::Isolate* isolate, v8::Local<v8::Context> context,
                                     v8::Local<v8::Object> object, const char* name) {
  v8::Local<v8::Value> value =
      object->Get(context, js::symbol_to_v8(isolate, name)).ToLocalChecked();
  CHECK(value->IsFunction());
  return value.As<v8::Function>();
}

}  // namespace

std::shared_ptr<Worker> Worker::make(Host& host, std::shared_ptr<const Script> script,
                                     js::FreshIsolate fresh) {
  return std::shared_ptr<Worker>(new Worker(host, std::move(script), std::move(fresh)));
}

std::shared_ptr<Worker> Worker::make_loaded(Host& host, std::shared_ptr<const Script> script,
                                            js::FreshIsolate fresh, LoadedSetup setup) {
  std::shared_ptr<Worker> worker = make(host, std::move(script), std::move(fresh));
  if (setup.line) worker->line_ = setup.line;
  worker->setup_ = std::make_unique<LoadedSetup>(std::move(setup));
  return worker;
}

Worker::Worker(Host& host, std::shared_ptr<const Script> script, js::FreshIsolate fresh)
    : host_(host),
      script_(std::move(script)),
      flags_(script_->version.compatibility_date, script_->version.compatibility_flags),
      fresh_(std::move(fresh)),
      line_(std::make_shared<Scheduler::Line>(host.scheduler)) {
  v8::Isolate* isolate = fresh_.isolate;
  isolate->SetData(0, this);
  isolate->AddNearHeapLimitCallback(&Worker::on_near_heap_limit, this);
  isolate->SetPromiseRejectCallback(&Worker::on_promise_reject);
  fresh_.account->notify(
      [](void* owner) { static_cast<Worker*>(owner)->isolate()->TerminateExecution(); }, this);
}

Worker::~Worker() {
  // What invocations and modules hold are handles into the isolate.
  invocations_.clear();
  operations_.clear();
  fresh_.account->notify(nullptr, nullptr);
  {
    v8::Isolate::Scope entered(fresh_.isolate);
    modules_.reset();
    functions_ = {};
  }
  host_.engine.dispose(std::move(fresh_));
}

Result<void> Worker::start() {
  now_ = Watchdog::Clock::now();
  js::set_frozen_time(0);
  v8::Isolate* isolate = fresh_.isolate;
  v8::Isolate::Scope entered(isolate);
  v8::HandleScope handles(isolate);
  v8::Local<v8::Context> context = fresh_.context.Get(isolate);
  v8::Context::Scope in_context(context);
  restrict_code_generation(isolate, context);
  if (!flags_.has("allow_eval_during_startup")) {
    forbid_code_from_strings(isolate, context);
  }
  // Code that a script has made is memory that nobody else pays for.
  if (setup_ && !fresh_.account->charge(script_->code.mapping->bytes().size())) {
    condemned_ = true;
    return fail(Error(ErrorKind::LimitReached, "Script startup exceeded the memory limit."));
  }
  begin_guarded(host_.startup_cpu);
  Result<void> started = prepare_and_evaluate(context);
  bool terminated = end_guarded().terminated;
  forbid_code_from_strings(isolate, context);
  if (heap_exhausted_ || fresh_.account->exceeded()) {
    condemned_ = true;
    return fail(Error(ErrorKind::LimitReached, "Script startup exceeded the memory limit."));
  }
  if (terminated) {
    condemned_ = true;
    return fail(Error(ErrorKind::LimitReached, "Script startup exceeded CPU time limit."));
  }
  return started;
}

Result<void> Worker::prepare_and_evaluate(v8::Local<v8::Context> context) {
  v8::Isolate* isolate = fresh_.isolate;
  v8::TryCatch caught(isolate);
  v8::Local<v8::Object> builtins = fresh_.builtins.Get(isolate);
  auto keep = [&](v8::Global<v8::Function>& function, const char* name) {
    function.Reset(isolate, get_function(isolate, context, builtins, name));
  };
  // Looked up now: once code has been asked to terminate, no property can be read.
  keep(functions_.start_fetch, "startFetch");
  keep(functions_.fire_timer, "fireTimer");
  keep(functions_.forget_timer, "forgetTimer");
  keep(functions_.make_incoming_response, "makeIncomingResponse");
  keep(functions_.make_error, "makeError");
  keep(functions_.promise_rejected, "promiseRejected");
  keep(functions_.report_rejections, "reportRejections");
  keep(functions_.web_socket_event, "webSocketEvent");
  keep(functions_.deliver_call, "deliverCall");
  keep(functions_.release_export, "releaseExport");
  keep(functions_.provide_code, "provideCode");
  for (const border::Binding& binding : script_->version.bindings) {
    if (binding.type == "service") {
      RpcService service{host_.services.script(binding.handle, binding.entrypoint), {}};
      if (!binding.props.empty()) service.options.props = props_from_json(context, binding.props);
      services_.push_back(std::move(service));
    } else if (binding.outbound != 0) {
      services_.push_back(
          {host_.services.script(binding.outbound, binding.outbound_entrypoint), {}});
    }
  }
  v8::Local<v8::Value> info = describe_worker(context, *script_);
  if (setup_ && !setup_->env.bytes.empty() && !info.IsEmpty()) {
    v8::Local<v8::Value> env;
    if (!take_setup_env(context).ToLocal(&env)) {
      return fail(describe_startup_failure(isolate, context, caught));
    }
    (void)info.As<v8::Object>()->Set(context, js::symbol_to_v8(isolate, "env"), env);
  }
  v8::Local<v8::Value> workers_module;
  v8::Local<v8::Value> exports;
  v8::Local<v8::Value> description;
  modules_ = std::make_unique<ModuleLoader>(
      isolate, script_->code,
      ModuleLoader::Options{
          .names_are_urls = flags_.has("new_module_registry"),
          .refuses_attributes = flags_.has("throw_on_unrecognized_import_assertion")});
  auto call = [&](const char* name, v8::Local<v8::Value> argument) {
    return get_function(isolate, context, builtins, name)->Call(context, builtins, 1, &argument);
  };
  v8::Local<v8::Function> require;
  if (info.IsEmpty() || call("prepareWorker", info).IsEmpty() ||
      !v8::Function::New(context, &ModuleLoader::require_from).ToLocal(&require) ||
      call("setNodeRequire", require).IsEmpty() ||
      !call("workersModule", v8::Undefined(isolate)).ToLocal(&workers_module) ||
      !modules_
           ->evaluate_entry(context, workers_module.As<v8::Object>(),
                            get_function(isolate, context, builtins, "nodeModule"))
           .ToLocal(&exports) ||
      !call("registerExports", exports).ToLocal(&description)) {
    return fail(describe_startup_failure(isolate, context, caught));
  }
  return read_exports(context, description, handlers_, named_handlers_);
}

Invocation* Worker::find(InvocationId id) {
  auto found = invocations_.find(id);
  return found == invocations_.end() ? nullptr : found->second.get();
}

bool Worker::has_frame() { return frame_owner()->IsInt32(); }

v8::Local<v8::Value> Worker::frame_owner() {
  v8::Local<v8::Data> frame = fresh_.isolate->GetContinuationPreservedEmbedderDataV2();
  v8::Local<v8::Value> none = v8::Undefined(fresh_.isolate);
  if (frame.IsEmpty() || !frame->IsValue()) return none;
  v8::Local<v8::Value> value = frame.As<v8::Value>();
  if (value->IsInt32()) return value;
  if (!value->IsArray()) return none;
  return value.As<v8::Array>()->Get(fresh_.isolate->GetCurrentContext(), 0).FromMaybe(none);
}

v8::Local<v8::Value> Worker::async_context() {
  v8::Local<v8::Data> frame = fresh_.isolate->GetContinuationPreservedEmbedderDataV2();
  v8::Local<v8::Value> none = v8::Undefined(fresh_.isolate);
  if (frame.IsEmpty() || !frame->IsValue() || !frame.As<v8::Value>()->IsArray()) return none;
  return frame.As<v8::Array>()->Get(fresh_.isolate->GetCurrentContext(), 1).FromMaybe(none);
}

void Worker::set_async_context(v8::Local<v8::Value> values) {
  v8::Isolate* isolate = fresh_.isolate;
  v8::Local<v8::Value> frame = frame_owner();
  if (!values->IsUndefined()) {
    v8::Local<v8::Value> parts[] = {frame, values};
    frame = v8::Array::New(isolate, parts, 2);
  }
  isolate->SetContinuationPreservedEmbedderDataV2(frame);
}

Invocation* Worker::current() {
  v8::Local<v8::Value> owner = frame_owner();
  return owner->IsInt32() ? find(owner.As<v8::Int32>()->Value()) : nullptr;
}

std::string Worker::make_code_cache() {
  v8::Isolate::Scope entered(fresh_.isolate);
  v8::HandleScope handles(fresh_.isolate);
  return modules_ ? modules_->make_code_cache() : std::string();
}

bool Worker::wants_code_cache() const { return modules_ && modules_->cache_rejected(); }

std::size_t Worker::memory_bytes() {
  v8::HeapStatistics heap;
  fresh_.isolate->GetHeapStatistics(&heap);
  return heap.total_physical_size() + heap.malloced_memory() + fresh_.account->used();
}

std::size_t Worker::on_near_heap_limit(void* data, std::size_t current, std::size_t) {
  auto* worker = static_cast<Worker*>(data);
  // V8 also calls when a buffer was refused; the script gets an exception for that.
  v8::HeapStatistics heap;
  worker->isolate()->GetHeapStatistics(&heap);
  if (heap.used_heap_size() < current / 2) return current;
  worker->heap_exhausted_ = true;
  worker->isolate()->TerminateExecution();
  return current + kHeapGrace;
}

}  // namespace atoll::runtime
