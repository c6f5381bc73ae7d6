// The turns of a Worker: one piece of its JavaScript at a time, and what follows from it.
#include <algorithm>

#include "js/native_function.h"
#include "js/platform.h"
#include "runtime/module_loader.h"
#include "runtime/worker.h"

namespace atoll::runtime {
namespace {

// A turn that took this long may have left the heap over its limit without V8 noticing.
constexpr std::chrono::milliseconds kLongTurn{5};
// A script counts as quick when so many turns in a row took no longer than this.
constexpr std::chrono::microseconds kQuickTurn{100};
constexpr int kQuickTurns = 16;
constexpr InvocationId kLastId = (1 << 30);

constexpr std::string_view kHung =
    "The Workers runtime canceled this request because it detected that your Worker's code had "
    "hung and would never generate a response. Refer to: "
    "https://developers.cloudflare.com/workers/observability/errors/";

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

v8::Local<v8::Value> bytes_or_undefined(v8::Isolate* isolate, std::string_view bytes) {
  v8::Local<v8::Uint8Array> array;
  if (bytes.empty() || !js::new_uint8_array(isolate, bytes).ToLocal(&array)) {
    return v8::Undefined(isolate);
  }
  return array;
}

}  // namespace

Invocation& Worker::begin_invocation(std::string entrypoint, CallOptions options) {
  Limits limits = script_->limits;
  limits.lower(options.cpu_ms, options.subrequests);
  InvocationId id = next_id();
  if (id > kLastId) condemned_ = true;  // a new isolate starts counting again
  last_used_ = Watchdog::Clock::now();
  host_.scheduler.note_time(last_used_);
  auto made = std::make_unique<Invocation>(id, options.hops, limits, last_used_);
  Invocation& invocation = *made;
  invocation.options = std::move(options);
  // Code of the account itself, such as the outbound Worker, reaches the outside directly.
  if (script_->identity.dispatch_namespace.empty()) {
    invocation.options.outbound = nullptr;
  } else if (script_->outbound &&
             (!invocation.options.outbound || invocation.options.outbound->is_of_namespace)) {
    invocation.options.outbound = script_->outbound;
  }
  invocation.entrypoint = std::move(entrypoint);
  invocations_.emplace(id, std::move(made));
  return invocation;
}

// Bytes, or [bytes, externals] where the props name services; undefined without.
v8::Local<v8::Value> Worker::props_of(Invocation& invocation) {
  v8::Isolate* isolate = fresh_.isolate;
  v8::Local<v8::Value> bytes = bytes_or_undefined(isolate, invocation.options.props);
  if (invocation.options.props_services == nullptr) return bytes;
  std::vector<v8::Local<v8::Value>> flat;
  for (const RpcService& service : *invocation.options.props_services) {
    flat.push_back(v8::Integer::New(isolate, kServiceExternal));
    flat.push_back(v8::Integer::New(isolate, add_channel(invocation, service)));
  }
  v8::Local<v8::Value> parts[] = {bytes, v8::Array::New(isolate, flat.data(), flat.size())};
  return v8::Array::New(isolate, parts, 2);
}

InvocationId Worker::fetch(HttpRequest request, std::string entrypoint, CallOptions options,
                           std::unique_ptr<ResponseReceiver> receiver) {
  Invocation& invocation = begin_invocation(std::move(entrypoint), std::move(options));
  InvocationId id = invocation.id;
  invocation.method = request.method;
  invocation.url = request.url;
  invocation.receiver = std::move(receiver);
  invocation.receiver->on_started(weak_from_this(), id);
  bool has_body = !std::holds_alternative<std::monostate>(request.body);
  MessageId message = add_message(invocation, std::move(request.headers), std::move(request.body));
  run_turn(id, [this, message, has_body](v8::Local<v8::Context> context, Invocation& started) {
    v8::Isolate* isolate = fresh_.isolate;
    v8::Local<v8::Value> none = v8::Undefined(isolate);
    v8::Local<v8::Value> arguments[] = {
        v8::Integer::New(isolate, message),
        js::symbol_to_v8(isolate, started.method),
        js::latin1_to_v8(isolate, started.url),
        v8::Boolean::New(isolate, has_body),
        started.entrypoint.empty() ? none : js::to_v8(isolate, started.entrypoint).As<v8::Value>(),
        props_of(started),
        none,
        started.options.env_values ? bytes_or_undefined(isolate, *started.options.env_values)
                                   : none,
        v8::True(isolate)};
    int count = started.options.next ? 9 : 8;
    (void)functions_.start_fetch.Get(isolate)->Call(context, none, count, arguments);
  });
  return id;
}

void Worker::run_turn(InvocationId id, TurnBody body) {
  Invocation* invocation = find(id);
  if (invocation == nullptr) return;
  ++invocation->queued_turns;
  host_.scheduler.run(*line_, [self = shared_from_this(), id, turn = std::move(body)]() mutable {
    self->enter_turn(id, turn);
  });
}

void Worker::enter_turn(InvocationId id, TurnBody& body) {
  Invocation* invocation = find(id);
  if (invocation == nullptr) return;
  --invocation->queued_turns;
  v8::Isolate* isolate = fresh_.isolate;
  now_ = Watchdog::Clock::now();
  Watchdog::Clock::time_point begun = now_;
  host_.scheduler.announce_turn(begun, quick_turns_ < kQuickTurns);
  js::set_frozen_time(wall_milliseconds(now_));
  Watchdog::Used used{};
  {
    v8::Isolate::Scope entered(isolate);
    v8::HandleScope handles(isolate);
    v8::Local<v8::Context> context = fresh_.context.Get(isolate);
    v8::Context::Scope in_context(context);
    isolate->SetContinuationPreservedEmbedderDataV2(v8::Integer::New(isolate, id));
    begin_guarded(invocation->cpu_left(), invocation->options.request_id);
    run_with_microtasks(context, *invocation, body);
    used = end_guarded();
    isolate->SetContinuationPreservedEmbedderDataV2(v8::Undefined(isolate));
    if (used.cpu > kLongTurn && !used.terminated) {
      tidy_up(invocation->cpu_left(), used);
    }
  }
  if (used.cpu > kLongTurn) long_turns_ += used.cpu;
  host_.scheduler.charge(*line_, now_ - begun);
  quick_turns_ = now_ - begun > kQuickTurn ? 0 : std::min(quick_turns_ + 1, kQuickTurns);
  after_turn(id, used);
}

void Worker::run_with_microtasks(v8::Local<v8::Context> context, Invocation& invocation,
                                 TurnBody& body) {
  v8::Isolate* isolate = fresh_.isolate;
  v8::TryCatch caught(isolate);
  body(context, invocation);
  if (caught.HasTerminated()) return;
  caught.Reset();
  isolate->PerformMicrotaskCheckpoint();
  if (modules_->has_unsettled_imports() && !isolate->IsExecutionTerminating()) {
    modules_->reject_unsettled_imports(context);
    isolate->PerformMicrotaskCheckpoint();
  }
  // Listeners of unhandledrejection may queue more.
  while (std::exchange(rejections_seen_, false)) {
    call_builtin(context, functions_.report_rejections, v8::Undefined(isolate));
    isolate->PerformMicrotaskCheckpoint();
    if (isolate->IsExecutionTerminating()) break;
  }
}

void Worker::begin_guarded(std::chrono::nanoseconds budget, std::string_view request_id) {
  host_.status->begin(script_->version.handle, request_id);
  js::set_charged_account(fresh_.account.get());
  host_.watchdog.begin_turn(fresh_.isolate, std::max(budget, std::chrono::nanoseconds(0)), now_);
}

Watchdog::Used Worker::end_guarded() {
  now_ = Watchdog::Clock::now();
  host_.scheduler.note_time(now_);
  Watchdog::Used used = host_.watchdog.end_turn(now_);
  host_.status->end();
  js::set_charged_account(nullptr);
  if (used.terminated || heap_exhausted_ || fresh_.account->exceeded()) {
    // With the termination still requested, V8 drops the microtasks that the stopped code left.
    v8::Isolate* isolate = fresh_.isolate;
    isolate->TerminateExecution();
    isolate->PerformMicrotaskCheckpoint();
    isolate->CancelTerminateExecution();
  }
  return used;
}

void Worker::tidy_up(std::chrono::nanoseconds budget, Watchdog::Used& used) {
  v8::Isolate* isolate = fresh_.isolate;
  auto run = [&](auto&& work) {
    begin_guarded(budget - used.cpu);
    work();
    Watchdog::Used more = end_guarded();
    used.cpu += more.cpu;
    used.terminated = more.terminated;
  };
  // Finalizers are the script's code. A task that was stopped does not stop the next one by itself.
  for (bool ran = true; ran && !used.terminated;) {
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
}

void Worker::after_turn(InvocationId id, Watchdog::Used used) {
  Invocation* invocation = find(id);
  if (invocation != nullptr) invocation->cpu += used.cpu;
  if (heap_exhausted_ || fresh_.account->exceeded()) return condemn();
  if (used.terminated && invocation != nullptr) {
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
  if (invocation->aborted) {
    fail_invocation(*invocation, *std::exchange(invocation->aborted, std::nullopt));
    return finish(id);
  }
  deliver(*invocation);
  deliver_returns(*invocation);
  bool answered = !invocation->owes_answer();
  if (!invocation->waits_for_anything()) {
    // An object that others hold may yet be called, and that may wake what hangs.
    if (invocation->is_held()) return;
    if (!answered) {
      if (may_be_called(*invocation) || others_go_on(id)) return stuck_.push_back(id);
      fail_invocation(*invocation, {Outcome::Exception, "Error", std::string(kHung), "", false});
      return finish(id);
    }
    // A body or task that nothing can move along any more.
    for (auto& [number, sink] : invocation->sinks) {
      sink->abort(Error(ErrorKind::Unavailable, "the Worker stopped writing the body"));
    }
    return finish(id);
  }
  if (answered && invocation->wait_until == 0 && invocation->sinks.empty() &&
      !invocation->has_open_web_socket() && !invocation->is_held()) {
    finish(id);
  }
}

// Calls to other Workers do not count: they may be what waits for the invocation in question.
bool Worker::others_go_on(InvocationId id) {
  for (auto& [other, invocation] : invocations_) {
    if (other != id && (!invocation->timers.empty() || invocation->queued_turns > 0)) return true;
  }
  for (auto& [number, operation] : operations_) {
    if (operation.invocation != id && operation.callee_invocation == 0 &&
        !operation.in_background) {
      return true;
    }
  }
  return false;
}

void Worker::settle_stuck() {
  std::vector<InvocationId> stuck = std::move(stuck_);
  stuck_.clear();
  std::ranges::sort(stuck);
  stuck.erase(std::unique(stuck.begin(), stuck.end()), stuck.end());
  for (InvocationId id : stuck) settle_accounts(id);
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
  fail_calls(invocation, failure);
  if (invocation.receiver == nullptr) return;
  std::unique_ptr<ResponseReceiver> receiver = std::move(invocation.receiver);
  receiver->on_failure(std::move(failure));
}

void Worker::finish(InvocationId id) {
  auto found = invocations_.find(id);
  if (found == invocations_.end()) return;
  std::unique_ptr<Invocation> ended = std::move(found->second);
  invocations_.erase(found);
  for (auto& [number, sink] : ended->sinks) {
    sink->on_drained = nullptr;
    // Its reader may wait; it may be another Worker, and must not be called from here.
    host_.scheduler.later([sink = sink] {
      sink->abort(Error(ErrorKind::Unavailable, "the Worker that wrote has ended"));
    });
  }
  if (ended->rpc) abandon_loading(*ended->rpc);
  if (!stuck_.empty()) {
    host_.scheduler.later(*line_, [weak = weak_from_this()] {
      if (auto worker = weak.lock()) worker->settle_stuck();
    });
  }
  fail_calls(*ended,
             {Outcome::Canceled, "Error",
              "The execution context which hosts this callback is no longer running.", "", false});
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
  if (ended->pending > 0 || !ended->client_watches.empty() || ended->rpc) {
    std::vector<Operation> unsettled;
    boost::unordered::erase_if(operations_, [&](auto& entry) {
      if (entry.second.invocation != id) return false;
      unsettled.push_back(std::move(entry.second));
      return true;
    });
    for (Operation& operation : unsettled) operation.stop();
  }
  host_.log.invocation({script_->identity, script_->version.version_id, ended->options.request_id,
                        ended->entrypoint, ended->method, ended->url, ended->rpc_method,
                        ended->outcome, ended->status, ended->cpu, now_ - ended->started,
                        ended->subrequests, ended->exception});
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
    // A WebSocket may stay open as long as both sides like.
    if (invocation->receiver == nullptr && invocation->has_open_web_socket()) continue;
    if (now - invocation->started > invocation->limits.wall) late.push_back(id);
  }
  for (InvocationId id : late) {
    host_.scheduler.run(*line_, [self = shared_from_this(), id, now] {
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
  host_.scheduler.run(*line_, [self = shared_from_this(), id] {
    self->now_ = Watchdog::Clock::now();
    Invocation* invocation = self->find(id);
    if (invocation == nullptr) return;
    invocation->receiver.reset();
    if (invocation->outcome == Outcome::Ok) invocation->outcome = Outcome::Canceled;
    // A script that wants to know gets a turn first: it may have work to finish in waitUntil().
    for (std::int32_t operation : invocation->client_watches) {
      settle({self, id, operation}, [isolate = self->isolate()](auto, Invocation&) {
        return v8::Undefined(isolate).template As<v8::Value>();
      });
    }
    self->host_.scheduler.run(*self->line_, [self, id] {
      Invocation* cancelled = self->find(id);
      if (cancelled != nullptr && cancelled->wait_until == 0) self->finish(id);
    });
  });
}

}  // namespace atoll::runtime
