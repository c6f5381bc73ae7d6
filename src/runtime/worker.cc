#include "runtime/worker.h"

#include <algorithm>

#include "base/check.h"
#include "js/native_function.h"
#include "js/platform.h"
#include "runtime/code_generation.h"
#include "runtime/module_loader.h"
#include "runtime/worker_start.h"

namespace atoll::runtime {
namespace {

// How far the heap may grow beyond its limit while the termination takes effect. Large on purpose:
// with little room a big allocation ends the process instead of the turn.
constexpr std::size_t kHeapGrace = std::size_t{4} << 30;
// A turn that took this long may have left the heap over its limit without V8 noticing.
constexpr std::chrono::milliseconds kLongTurn{5};
constexpr InvocationId kLastId = (1 << 30);

// Whole milliseconds since 1970. One reading of the steady clock serves both clocks; how far they
// are apart is looked up ten times a second.
double wall_milliseconds(Watchdog::Clock::time_point now) {
  using namespace std::chrono;
  static Watchdog::Clock::time_point compared;
  static nanoseconds apart;
  if (now - compared > milliseconds(100)) {
    compared = now;
    apart = system_clock::now().time_since_epoch() - now.time_since_epoch();
  }
  return static_cast<double>(duration_cast<milliseconds>(now.time_since_epoch() + apart).count());
}

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

Worker::Worker(Host& host, std::shared_ptr<const Script> script, js::FreshIsolate fresh)
    : host_(host), script_(std::move(script)), fresh_(std::move(fresh)) {
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
  if (script_->version.compatibility_date < "2025-06-01") {
    forbid_code_from_strings(isolate, context);
  }
  Result<void> started;
  std::chrono::nanoseconds used{0};
  bool terminated = run_guarded(host_.startup_cpu, used,
                                [&] { started = prepare_and_evaluate(context); });
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
  for (const border::Binding& binding : script_->version.bindings) {
    if (binding.type == "service") {
      services_.push_back(host_.services.script(binding.handle, binding.entrypoint));
    }
  }
  v8::Local<v8::Value> info = describe_worker(context, *script_);
  v8::Local<v8::Value> workers_module;
  v8::Local<v8::Value> exports;
  v8::Local<v8::Value> description;
  modules_ = std::make_unique<ModuleLoader>(isolate, script_->code);
  auto call = [&](const char* name, v8::Local<v8::Value> argument) {
    return get_function(isolate, context, builtins, name)->Call(context, builtins, 1, &argument);
  };
  if (info.IsEmpty() || call("prepareWorker", info).IsEmpty() ||
      !call("workersModule", v8::Undefined(isolate)).ToLocal(&workers_module) ||
      !modules_->evaluate_entry(context, workers_module.As<v8::Object>()).ToLocal(&exports) ||
      !call("registerExports", exports).ToLocal(&description)) {
    return fail(describe_startup_failure(isolate, context, caught));
  }
  return read_exports(context, description, handlers_, named_handlers_);
}

template <typename Run>
bool Worker::run_guarded(std::chrono::nanoseconds budget, std::chrono::nanoseconds& used,
                         Run&& run) {
  v8::Isolate* isolate = fresh_.isolate;
  js::set_charged_account(fresh_.account.get());
  host_.watchdog.begin_turn(isolate, std::max(budget, std::chrono::nanoseconds(0)), now_);
  run();
  now_ = Watchdog::Clock::now();
  auto [cpu, fired] = host_.watchdog.end_turn(now_);
  used = cpu;
  js::set_charged_account(nullptr);
  if (fired || heap_exhausted_ || fresh_.account->exceeded()) {
    // With the termination still requested, V8 drops the microtasks that the stopped code left.
    isolate->TerminateExecution();
    isolate->PerformMicrotaskCheckpoint();
    isolate->CancelTerminateExecution();
  }
  return fired;
}

Invocation* Worker::find(InvocationId id) {
  auto found = invocations_.find(id);
  return found == invocations_.end() ? nullptr : found->second.get();
}

bool Worker::has_frame() {
  v8::Local<v8::Data> frame = fresh_.isolate->GetContinuationPreservedEmbedderDataV2();
  return !frame.IsEmpty() && frame->IsValue() && frame.As<v8::Value>()->IsInt32();
}

Invocation* Worker::current() {
  v8::Local<v8::Data> frame = fresh_.isolate->GetContinuationPreservedEmbedderDataV2();
  if (frame.IsEmpty() || !frame->IsValue()) return nullptr;
  v8::Local<v8::Value> value = frame.As<v8::Value>();
  return value->IsInt32() ? find(value.As<v8::Int32>()->Value()) : nullptr;
}

InvocationId Worker::fetch(HttpRequest request, std::string entrypoint, CallOptions options,
                           std::unique_ptr<ResponseReceiver> receiver) {
  Limits limits = script_->limits;
  limits.lower(options.cpu_ms, options.subrequests);
  InvocationId id = next_id();
  if (id > kLastId) condemned_ = true;  // a new isolate starts counting again
  last_used_ = Watchdog::Clock::now();
  auto made = std::make_unique<Invocation>(id, options.hops, limits, last_used_);
  Invocation& invocation = *made;
  invocation.options = std::move(options);
  invocation.method = request.method;
  invocation.url = request.url;
  invocation.entrypoint = std::move(entrypoint);
  invocation.receiver = std::move(receiver);
  invocation.receiver->on_started(weak_from_this(), id);
  bool has_body = !std::holds_alternative<std::monostate>(request.body);
  MessageId message = add_message(invocation, std::move(request.headers), std::move(request.body));
  invocations_.emplace(id, std::move(made));
  run_turn(id, [this, message, has_body](v8::Local<v8::Context> context, Invocation& started) {
    v8::Isolate* isolate = fresh_.isolate;
    v8::Local<v8::Value> none = v8::Undefined(isolate);
    v8::Local<v8::Value> props = none;
    if (!started.options.props.empty()) {
      if (v8::Local<v8::Uint8Array> bytes;
          js::new_uint8_array(isolate, started.options.props).ToLocal(&bytes)) {
        props = bytes;
      }
    }
    v8::Local<v8::Value> arguments[] = {
        v8::Integer::New(isolate, message),
        js::symbol_to_v8(isolate, started.method),
        js::latin1_to_v8(isolate, started.url),
        v8::Boolean::New(isolate, has_body),
        started.entrypoint.empty() ? none : js::to_v8(isolate, started.entrypoint).As<v8::Value>(),
        props};
    (void)functions_.start_fetch.Get(isolate)->Call(context, none, 6, arguments);
  });
  return id;
}

void Worker::run_turn(InvocationId id, TurnBody body) {
  Invocation* invocation = find(id);
  if (invocation == nullptr) return;
  ++invocation->queued_turns;
  host_.scheduler.run(
      [self = shared_from_this(), id, turn = std::move(body)]() mutable { self->enter_turn(id, turn); });
}

void Worker::enter_turn(InvocationId id, TurnBody& body) {
  Invocation* invocation = find(id);
  if (invocation == nullptr) return;
  --invocation->queued_turns;
  v8::Isolate* isolate = fresh_.isolate;
  now_ = Watchdog::Clock::now();
  js::set_frozen_time(wall_milliseconds(now_));
  bool terminated = false;
  std::chrono::nanoseconds used{0};
  {
    v8::Isolate::Scope entered(isolate);
    v8::HandleScope handles(isolate);
    v8::Local<v8::Context> context = fresh_.context.Get(isolate);
    v8::Context::Scope in_context(context);
    isolate->SetContinuationPreservedEmbedderDataV2(v8::Integer::New(isolate, id));
    terminated = run_guarded(invocation->limits.cpu - invocation->cpu, used, [&] {
      v8::TryCatch caught(isolate);
      body(context, *invocation);
      if (caught.HasTerminated()) return;
      caught.Reset();
      isolate->PerformMicrotaskCheckpoint();
      // Listeners of unhandledrejection may queue more.
      while (std::exchange(rejections_seen_, false)) {
        call_builtin(context, functions_.report_rejections, v8::Undefined(isolate));
        isolate->PerformMicrotaskCheckpoint();
        if (isolate->IsExecutionTerminating()) break;
      }
    });
    isolate->SetContinuationPreservedEmbedderDataV2(v8::Undefined(isolate));
    if (used > kLongTurn && !terminated) {
      terminated = tidy_up(invocation->limits.cpu - invocation->cpu, used);
    }
  }
  after_turn(id, terminated, used);
}

bool Worker::tidy_up(std::chrono::nanoseconds budget, std::chrono::nanoseconds& used) {
  v8::Isolate* isolate = fresh_.isolate;
  bool terminated = false;
  auto run = [&](auto&& work) {
    std::chrono::nanoseconds more{0};
    terminated = run_guarded(budget - used, more, work);
    used += more;
  };
  // Finalizers are the script's code. A task that was stopped does not stop the next one by itself.
  for (bool ran = true; ran && !terminated;) {
    run([&] {
      v8::TryCatch caught(isolate);
      ran = host_.engine.pump(isolate);
      if (!caught.HasTerminated()) isolate->PerformMicrotaskCheckpoint();
    });
  }
  auto held = [&] {
    v8::HeapStatistics heap;
    isolate->GetHeapStatistics(&heap);
    return heap.used_heap_size() + fresh_.account->used();
  };
  std::size_t before = held();
  if (before > host_.memory_bytes + host_.memory_bytes / 2) {
    heap_exhausted_ = true;  // V8 let it pass for one huge object
  } else if (before > host_.memory_bytes) {
    // Much of it may be garbage.
    run([&] { isolate->MemoryPressureNotification(v8::MemoryPressureLevel::kCritical); });
    heap_exhausted_ = heap_exhausted_ || held() > host_.memory_bytes;
  }
  return terminated;
}

void Worker::after_turn(InvocationId id, bool terminated, std::chrono::nanoseconds used) {
  Invocation* invocation = find(id);
  if (invocation != nullptr) invocation->cpu += used;
  if (heap_exhausted_ || fresh_.account->exceeded()) return condemn();
  if (terminated && invocation != nullptr) {
    fail_invocation(*invocation,
                    {Outcome::ExceededCpu, "Error", "Worker exceeded CPU time limit.", "", false});
    finish(id);
  }
  // Other invocations of this isolate may have been moved along by the same microtasks.
  std::vector<InvocationId> touched;
  touched.swap(touched_);
  settle_accounts(id);
  for (InvocationId other : touched) {
    if (other != id) settle_accounts(other);
  }
  if (touched_.empty()) {
    touched.clear();
    touched_.swap(touched);  // keeps its memory for the next turn
  }
}

void Worker::settle_accounts(InvocationId id) {
  Invocation* invocation = find(id);
  if (invocation == nullptr) return;
  deliver(*invocation);
  bool answered = invocation->receiver == nullptr;
  if (!invocation->waits_for_anything()) {
    if (!answered) {
      fail_invocation(*invocation, {Outcome::Exception, "Error",
                                    "The Workers runtime canceled this request because it detected "
                                    "that your Worker's code had hung and would never generate a "
                                    "response.",
                                    "", false});
      return finish(id);
    }
    // A body or task that nothing can move along any more.
    for (auto& [number, sink] : invocation->sinks) {
      sink->abort(Error(ErrorKind::Unavailable, "the Worker stopped writing the body"));
    }
    return finish(id);
  }
  if (answered && invocation->wait_until == 0 && invocation->sinks.empty()) finish(id);
}

void Worker::deliver(Invocation& invocation) {
  if (invocation.receiver == nullptr) return;
  if (invocation.ready_failure) {
    Failure failure = *std::move(invocation.ready_failure);
    invocation.ready_failure.reset();
    return fail_invocation(invocation, std::move(failure));
  }
  if (!invocation.ready_response) return;
  HttpResponse response = *std::move(invocation.ready_response);
  invocation.ready_response.reset();
  invocation.status = response.status;
  std::unique_ptr<ResponseReceiver> receiver = std::move(invocation.receiver);
  receiver->on_response(std::move(response));
}

void Worker::fail_invocation(Invocation& invocation, Failure failure) {
  invocation.outcome = failure.outcome;
  invocation.exception = failure.name + ": " + failure.message;
  if (!failure.stack.empty() && failure.stack.find(failure.message) != std::string::npos) {
    invocation.exception = failure.stack;
  }
  for (auto& [number, sink] : invocation.sinks) {
    sink->abort(Error(ErrorKind::Unavailable, failure.message));
  }
  if (invocation.receiver == nullptr) return;
  std::unique_ptr<ResponseReceiver> receiver = std::move(invocation.receiver);
  receiver->on_failure(std::move(failure));
}

void Worker::finish(InvocationId id) {
  auto found = invocations_.find(id);
  if (found == invocations_.end()) return;
  std::unique_ptr<Invocation> ended = std::move(found->second);
  invocations_.erase(found);
  for (auto& [number, sink] : ended->sinks) sink->on_drained = nullptr;
  if (!ended->timers.empty()) {
    v8::Isolate* isolate = fresh_.isolate;
    v8::Isolate::Scope entered(isolate);
    v8::HandleScope handles(isolate);
    v8::Local<v8::Context> context = fresh_.context.Get(isolate);
    v8::Context::Scope in_context(context);
    for (auto& [number, key] : ended->timers) {
      host_.timers.cancel(key);
      call_builtin(context, functions_.forget_timer, v8::Integer::New(isolate, number));
    }
  }
  if (ended->pending > 0) {
    boost::unordered::erase_if(operations_,
                               [id](const auto& entry) { return entry.second.invocation == id; });
  }
  host_.log.invocation({script_->identity, script_->version.version_id, ended->options.request_id,
                        ended->entrypoint, ended->method, ended->url, ended->outcome,
                        ended->status, ended->cpu, now_ - ended->started,
                        ended->subrequests, ended->exception});
}

void Worker::call_builtin(v8::Local<v8::Context> context, v8::Global<v8::Function>& function,
                          v8::Local<v8::Value> argument) {
  (void)function.Get(fresh_.isolate)->Call(context, v8::Undefined(fresh_.isolate), 1, &argument);
}

void Worker::condemn() {
  condemned_ = true;
  std::vector<InvocationId> ids;
  for (auto& [id, invocation] : invocations_) ids.push_back(id);
  for (InvocationId id : ids) {
    if (Invocation* invocation = find(id)) {
      fail_invocation(*invocation, {Outcome::ExceededMemory, "Error",
                                    "Worker exceeded memory limit.", "", false});
      finish(id);
    }
  }
  touched_.clear();
}

void Worker::enforce_wall_time(std::chrono::steady_clock::time_point now) {
  std::vector<InvocationId> late;
  for (auto& [id, invocation] : invocations_) {
    if (now - invocation->started > invocation->limits.wall) late.push_back(id);
  }
  for (InvocationId id : late) {
    host_.scheduler.run([self = shared_from_this(), id, now] {
      Invocation* invocation = self->find(id);
      if (invocation == nullptr) return;
      self->now_ = now;
      self->fail_invocation(*invocation, {Outcome::ExceededWallTime, "Error",
                                          "Worker exceeded wall time limit.", "", false});
      self->finish(id);
    });
  }
}

void Worker::cancel(InvocationId id) {
  host_.scheduler.run([self = shared_from_this(), id] {
    self->now_ = Watchdog::Clock::now();
    Invocation* invocation = self->find(id);
    if (invocation == nullptr) return;
    invocation->receiver.reset();
    if (invocation->outcome == Outcome::Ok) invocation->outcome = Outcome::Canceled;
    if (invocation->wait_until == 0) self->finish(id);
  });
}

std::optional<Worker::Started> Worker::start_pending(Invocation& invocation) {
  v8::Isolate* isolate = fresh_.isolate;
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(isolate->GetCurrentContext()).ToLocal(&resolver)) {
    return std::nullopt;
  }
  std::int32_t operation = next_id();
  Operation& stored = operations_[operation];
  stored.invocation = invocation.id;
  stored.resolver.Reset(isolate, resolver);
  ++invocation.pending;
  return Started{{weak_from_this(), invocation.id, operation}, resolver->GetPromise()};
}

void Worker::settle(const Pending& pending, MakeValue value) {
  std::shared_ptr<Worker> worker = pending.worker.lock();
  if (worker == nullptr) return;
  // Abandoned, or its invocation has ended.
  if (!worker->operations_.contains(pending.operation)) return;
  worker->run_turn(
      pending.invocation,
      [worker, operation = pending.operation, make = std::move(value)](
          v8::Local<v8::Context> context, Invocation& invocation) mutable {
        v8::Isolate* isolate = worker->isolate();
        auto stored = worker->operations_.find(operation);
        if (stored == worker->operations_.end()) return;
        v8::Local<v8::Promise::Resolver> resolver = stored->second.resolver.Get(isolate);
        worker->operations_.erase(stored);
        --invocation.pending;
        v8::TryCatch caught(isolate);
        v8::Local<v8::Value> made;
        if (make(context, invocation).ToLocal(&made)) {
          (void)resolver->Resolve(context, made);
        } else if (caught.HasCaught() && !caught.HasTerminated()) {
          v8::Local<v8::Value> reason = caught.Exception();
          caught.Reset();
          (void)resolver->Reject(context, reason);
        } else if (caught.HasTerminated()) {
          caught.ReThrow();
        }
      });
}

void Worker::remember_callee(const Pending& pending, std::weak_ptr<Worker> callee,
                             InvocationId id) {
  auto found = operations_.find(pending.operation);
  if (found == operations_.end()) return;
  found->second.callee = std::move(callee);
  found->second.callee_invocation = id;
}

void Worker::abandon(Invocation& invocation, v8::Local<v8::Promise> promise) {
  v8::Isolate* isolate = fresh_.isolate;
  for (auto operation = operations_.begin(); operation != operations_.end(); ++operation) {
    if (operation->second.invocation != invocation.id ||
        operation->second.resolver.Get(isolate)->GetPromise() != promise) {
      continue;
    }
    if (auto callee = operation->second.callee.lock()) {
      callee->cancel(operation->second.callee_invocation);
    }
    operations_.erase(operation);
    --invocation.pending;
    return;
  }
}

MessageId Worker::add_message(Invocation& invocation, http::HeaderBlock headers, Body body) {
  MessageId id = next_id();
  invocation.messages.push_back({id, std::move(headers), std::move(body), false});
  return id;
}

v8::MaybeLocal<v8::Value> Worker::make_response(v8::Local<v8::Context> context,
                                                Invocation& invocation, HttpResponse response,
                                                std::string_view url) {
  v8::Isolate* isolate = fresh_.isolate;
  bool has_body = !std::holds_alternative<std::monostate>(response.body);
  MessageId id = add_message(invocation, std::move(response.headers), std::move(response.body));
  v8::Local<v8::Value> arguments[] = {
      v8::Integer::New(isolate, id), v8::Integer::New(isolate, response.status),
      js::latin1_to_v8(isolate, response.status_text), v8::Boolean::New(isolate, has_body),
      js::latin1_to_v8(isolate, url)};
  return functions_.make_incoming_response.Get(isolate)->Call(context, v8::Undefined(isolate), 5, arguments);
}

v8::Local<v8::Value> Worker::make_error(v8::Local<v8::Context> context, std::string_view name,
                                        std::string_view message) {
  v8::Isolate* isolate = fresh_.isolate;
  v8::Local<v8::Value> arguments[] = {js::to_v8(isolate, name), js::to_v8(isolate, message),
                                      v8::Undefined(isolate)};
  v8::Local<v8::Value> error;
  if (functions_.make_error.Get(isolate)
          ->Call(context, v8::Undefined(isolate), 3, arguments)
          .ToLocal(&error)) {
    return error;
  }
  return v8::Exception::Error(arguments[1].As<v8::String>());
}

std::shared_ptr<ServiceTarget> Worker::service(Invocation& invocation, std::int32_t channel) {
  if (channel == 0) return host_.services.outside();
  auto index = static_cast<std::size_t>(channel) - 1;
  if (index < services_.size()) return services_[index];
  index -= services_.size();
  return index < invocation.channels.size() ? invocation.channels[index] : nullptr;
}

std::int32_t Worker::add_channel(Invocation& invocation, std::shared_ptr<ServiceTarget> target) {
  invocation.channels.push_back(std::move(target));
  return static_cast<std::int32_t>(services_.size() + invocation.channels.size());
}

void Worker::start_timer(Invocation& invocation, std::int32_t timer,
                         std::chrono::milliseconds delay, bool repeat) {
  invocation.timers[timer] = host_.timers.start(
      delay, [weak = weak_from_this(), id = invocation.id, timer, delay, repeat] {
        std::shared_ptr<Worker> worker = weak.lock();
        if (worker == nullptr) return;
        worker->run_turn(id, [worker, timer, delay, repeat](v8::Local<v8::Context> context,
                                                            Invocation& owner) {
          // A cancelled timer whose turn was already queued.
          if (owner.timers.erase(timer) == 0) return;
          if (repeat) worker->start_timer(owner, timer, delay, true);
          v8::Isolate* isolate = worker->isolate();
          v8::Local<v8::Value> argument = v8::Integer::New(isolate, timer);
          (void)worker->functions_.fire_timer.Get(isolate)->Call(context, v8::Undefined(isolate), 1,
                                                       &argument);
        });
      });
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

void Worker::reduce_memory() {
  v8::Isolate::Scope entered(fresh_.isolate);
  fresh_.isolate->MemoryPressureNotification(v8::MemoryPressureLevel::kModerate);
}

std::size_t Worker::on_near_heap_limit(void* data, std::size_t current, std::size_t) {
  auto* worker = static_cast<Worker*>(data);
  worker->heap_exhausted_ = true;
  worker->isolate()->TerminateExecution();
  return current + kHeapGrace;
}

void Worker::on_promise_reject(v8::PromiseRejectMessage message) {
  v8::PromiseRejectEvent event = message.GetEvent();
  if (event != v8::kPromiseRejectWithNoHandler && event != v8::kPromiseHandlerAddedAfterReject) {
    return;
  }
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  auto* worker = static_cast<Worker*>(isolate->GetData(0));
  if (worker == nullptr) return;
  // Before start() there is nobody to tell; a terminated turn is reported as a whole.
  if (worker->functions_.promise_rejected.IsEmpty() || isolate->IsExecutionTerminating()) return;
  worker->rejections_seen_ = true;
  v8::HandleScope handles(isolate);
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::Local<v8::Value> reason = message.GetValue();
  v8::Local<v8::Value> arguments[] = {
      v8::Integer::New(isolate, event == v8::kPromiseRejectWithNoHandler ? 0 : 1),
      message.GetPromise(), reason.IsEmpty() ? v8::Undefined(isolate).As<v8::Value>() : reason};
  (void)worker->functions_.promise_rejected.Get(isolate)->Call(context, v8::Undefined(isolate), 3,
                                                               arguments);
}

}  // namespace atoll::runtime
