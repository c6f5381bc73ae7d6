// What a Worker's JavaScript has started and waits for, and the values that cross between it and
// C++.
#include "js/native_function.h"
#include "runtime/message_coding.h"
#include "runtime/worker.h"

namespace atoll::runtime {
namespace {

// The number that the built-ins know a script's caches by.
constexpr std::int32_t kCacheChannel = std::numeric_limits<std::int32_t>::min();

}  // namespace

std::optional<Worker::Started> Worker::start_pending(Invocation& invocation, bool in_background) {
  v8::Isolate* isolate = fresh_.isolate;
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(isolate->GetCurrentContext()).ToLocal(&resolver)) {
    return std::nullopt;
  }
  std::int32_t operation = next_id();
  Operation& stored = operations_[operation];
  stored.invocation = invocation.id;
  stored.resolver.Reset(isolate, resolver);
  stored.in_background = in_background;
  if (!in_background) ++invocation.pending;
  return Started{{weak_from_this(), invocation.id, operation}, resolver->GetPromise()};
}

void Worker::settle(const Pending& pending, MakeValue value) {
  std::shared_ptr<Worker> worker = pending.worker.lock();
  if (worker == nullptr) return;
  // Abandoned, or its invocation has ended.
  if (!worker->operations_.contains(pending.operation)) return;
  worker->run_turn(
      pending.invocation, [worker, operation = pending.operation, make = std::move(value)](
                              v8::Local<v8::Context> context, Invocation& invocation) mutable {
        v8::Isolate* isolate = worker->isolate();
        auto stored = worker->operations_.find(operation);
        if (stored == worker->operations_.end()) return;
        v8::Local<v8::Promise::Resolver> resolver = stored->second.resolver.Get(isolate);
        if (!stored->second.in_background) --invocation.pending;
        worker->operations_.erase(stored);
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

void Worker::remember_cancel(const Pending& pending, std::move_only_function<void()> cancel) {
  auto found = operations_.find(pending.operation);
  if (found == operations_.end()) return cancel();
  found->second.cancel = std::move(cancel);
}

void Worker::Operation::stop() {
  if (auto worker = callee.lock()) worker->cancel(callee_invocation);
  if (cancel) cancel();
}

void Worker::abandon(Invocation& invocation, v8::Local<v8::Promise> promise) {
  v8::Isolate* isolate = fresh_.isolate;
  for (auto operation = operations_.begin(); operation != operations_.end(); ++operation) {
    if (operation->second.invocation != invocation.id ||
        operation->second.resolver.Get(isolate)->GetPromise() != promise) {
      continue;
    }
    Operation stopped = std::move(operation->second);
    operations_.erase(operation);
    if (!stopped.in_background) --invocation.pending;
    return stopped.stop();
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
  v8::Local<v8::Value> web_socket = v8::Undefined(isolate);
  if (response.web_socket != nullptr) {
    web_socket =
        v8::Integer::New(isolate, add_web_socket(invocation, std::move(response.web_socket)));
  }
  MessageId id = add_message(invocation, std::move(response.headers), std::move(response.body));
  Message& message = invocation.messages.back();
  const auto* bytes = std::get_if<std::string>(&message.body);
  if (has_body && (bytes == nullptr || !bytes->empty())) {
    message.coding = coding_of_response(message.headers);
  }
  v8::Local<v8::Value> arguments[] = {v8::Integer::New(isolate, id),
                                      v8::Integer::New(isolate, response.status),
                                      js::latin1_to_v8(isolate, response.status_text),
                                      v8::Boolean::New(isolate, has_body),
                                      js::latin1_to_v8(isolate, url),
                                      v8::False(isolate),
                                      web_socket};
  return functions_.make_incoming_response.Get(isolate)->Call(context, v8::Undefined(isolate), 7,
                                                              arguments);
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

std::optional<RpcService> Worker::service(Invocation& invocation, std::int32_t channel) {
  if (channel == 0) {
    if (!reaches_outside()) return outside();
    if (const Outbound* outbound = invocation.options.outbound.get()) {
      RpcService service{outbound->target, {}};
      service.options.env_values = outbound->values;
      return service;
    }
    return RpcService{host_.services.outside(script_->version.handle), {}};
  }
  if (channel > 0) {
    auto index = static_cast<std::size_t>(channel) - 1;
    return index < services_.size() ? std::optional(services_[index]) : std::nullopt;
  }
  if (channel == kCacheChannel) {
    return RpcService{host_.services.caches(script_->identity), {}};
  }
  for (auto& [number, service] : invocation.channels) {
    if (number == channel) return service;
  }
  return std::nullopt;
}

std::int32_t Worker::add_channel(Invocation& invocation, RpcService service) {
  std::int32_t number = -next_id();
  invocation.channels.emplace_back(number, std::move(service));
  return number;
}

std::int32_t Worker::add_channel(RpcService service) {
  services_.push_back(std::move(service));
  return static_cast<std::int32_t>(services_.size());
}

void Worker::start_timer(Invocation& invocation, std::int32_t timer,
                         std::chrono::milliseconds delay, bool repeat) {
  invocation.timers[timer] = host_.timers.start(
      delay, [weak = weak_from_this(), id = invocation.id, timer, delay, repeat] {
        std::shared_ptr<Worker> worker = weak.lock();
        if (worker == nullptr) return;
        worker->run_turn(
            id, [worker, timer, delay, repeat](v8::Local<v8::Context> context, Invocation& owner) {
              // A cancelled timer whose turn was already queued.
              if (owner.timers.erase(timer) == 0) return;
              if (repeat) worker->start_timer(owner, timer, delay, true);
              v8::Isolate* isolate = worker->isolate();
              v8::Local<v8::Value> argument = v8::Integer::New(isolate, timer);
              (void)worker->functions_.fire_timer.Get(isolate)->Call(
                  context, v8::Undefined(isolate), 1, &argument);
            });
      });
}

void Worker::call_builtin(v8::Local<v8::Context> context, v8::Global<v8::Function>& function,
                          v8::Local<v8::Value> argument) {
  (void)function.Get(fresh_.isolate)->Call(context, v8::Undefined(fresh_.isolate), 1, &argument);
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
