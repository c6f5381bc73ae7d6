// Natives that answer an invocation or start a call of its own.
#include <algorithm>

#include "http/codec/response_head.h"
#include "http/websocket/handshake.h"
#include "runtime/message_coding.h"
#include "runtime/natives/invocation_access.h"
#include "runtime/natives/natives.h"
#include "runtime/natives/rpc_messages.h"

namespace atoll::runtime {
namespace {

enum BodyKind { kNoBody = 0, kStringBody = 1, kBytesBody = 2, kMessageBody = 3, kSinkBody = 4 };

// Headers as JavaScript gives them: nothing, the untouched headers of a message, or a flat array.
// False with an exception pending.
bool take_headers(const Caller& caller, const js::Arguments& info, v8::Local<v8::Value> value,
                  v8::Local<v8::Value> content_type, http::HeaderBlock& headers) {
  v8::Isolate* isolate = info.GetIsolate();
  if (value->IsInt32()) {
    Message* message = require_message(caller, info, value);
    if (message == nullptr) return false;
    headers = message->headers;
  } else if (value->IsArray()) {
    v8::Local<v8::Context> context = isolate->GetCurrentContext();
    auto flat = value.As<v8::Array>();
    for (std::uint32_t i = 0; i + 1 < flat->Length(); i += 2) {
      v8::Local<v8::Value> name;
      v8::Local<v8::Value> text;
      if (!flat->Get(context, i).ToLocal(&name) || !flat->Get(context, i + 1).ToLocal(&text)) {
        return false;
      }
      if (!name->IsString() || !text->IsString() ||
          !headers.append(js::to_utf8(isolate, name), js::to_utf8(isolate, text))) {
        js::throw_type_error(isolate, "Invalid header value.");
        return false;
      }
    }
  }
  if (content_type->IsString() && !headers.find("content-type")) {
    if (!headers.append("content-type", js::to_utf8(isolate, content_type))) {
      js::throw_type_error(isolate, "Invalid header value.");
      return false;
    }
  }
  return true;
}

// The body is then in the coding `wanted`, whatever it came in.
bool take_body(const Caller& caller, const js::Arguments& info, std::int32_t kind,
               v8::Local<v8::Value> value, std::optional<http::Coding> wanted, Body& body) {
  v8::Isolate* isolate = info.GetIsolate();
  std::optional<Body> taken;
  std::optional<http::Coding> coding;
  if (kind == kNoBody) return true;
  if (kind == kStringBody) {
    taken = js::to_utf8(isolate, value);
  } else if (kind == kBytesBody) {
    if (auto bytes = js::bytes_of(value)) {
      taken = std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    }
  } else if (kind == kMessageBody) {
    Message* message = require_message(caller, info, value);
    if (message == nullptr) return false;
    if (!message->reading) {
      taken = std::exchange(message->body, std::monostate());
      coding = std::exchange(message->coding, std::nullopt);
    }
  } else if (kind == kSinkBody) {
    auto sink =
        caller.invocation->sinks.find(value->IsInt32() ? value.As<v8::Int32>()->Value() : 0);
    if (sink != caller.invocation->sinks.end()) taken = sink->second->reader();
  }
  if (!taken) {
    js::throw_type_error(isolate, "This body cannot be used.");
    return false;
  }
  body = recoded(*std::move(taken), coding, wanted, caller.worker->account());
  return true;
}

// The WebSocket's end that goes with the answer leaves this invocation. False with an exception
// pending.
bool take_web_socket(const Caller& caller, const js::Arguments& info, v8::Local<v8::Value> number,
                     HttpResponse& response) {
  Invocation& invocation = *caller.invocation;
  if (invocation.messages.empty() ||
      !http::asks_for_websocket(invocation.messages.front().headers)) {
    js::throw_type_error(info.GetIsolate(),
                         "Worker tried to return a WebSocket in a response to a request which did "
                         "not contain the header \"Upgrade: websocket\".");
    return false;
  }
  auto held = invocation.web_sockets.find(number.As<v8::Int32>()->Value());
  if (held == invocation.web_sockets.end()) {
    throw_other_request(info.GetIsolate());
    return false;
  }
  response.web_socket = std::move(held->second.end);
  response.web_socket->set_holder(nullptr);
  response.may_compress_web_socket = info[8]->IsTrue();
  invocation.web_sockets.erase(held);
  return true;
}

// Workers that call each other see what they would see over HTTP.
std::string_view reason_on_the_wire(int status) {
  std::string_view reason = http::standard_reason(status);
  return reason == "Unknown" ? std::string_view() : reason;
}

// (status, statusText, headers, contentType, bodyKind, body, isEncoded, webSocket, mayCompress)
void respond(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  HttpResponse response;
  if (caller.invocation->decided()) {
    // Nobody will read this answer; what writes its body must hear of that.
    (void)take_body(caller, info, int_argument(info, 4), info[5], std::nullopt, response.body);
    return;
  }
  response.status = int_argument(info, 0);
  response.status_text = text_argument(info, 1);
  if (response.status_text.empty()) response.status_text = reason_on_the_wire(response.status);
  if (!take_headers(caller, info, info[2], info[3], response.headers)) return;
  // A script that names a coding wants the platform to apply it, unless it says that it has.
  auto wanted = info[6]->IsTrue() ? std::nullopt : coding_of_response(response.headers);
  if (!take_body(caller, info, int_argument(info, 4), info[5], wanted, response.body)) return;
  if (info[7]->IsInt32() && !take_web_socket(caller, info, info[7], response)) return;
  caller.invocation->ready_response = std::move(response);
  caller.worker->touch(*caller.invocation);
}

void invocation_failed(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller || caller.invocation->decided()) return;
  Failure failure{Outcome::Exception, text_argument(info, 0), text_argument(info, 1),
                  text_argument(info, 2), caller.invocation->hop_limit_hit};
  if (failure.message.starts_with(kLimitMessage) || failure.message.starts_with(kOverloadMessage)) {
    failure.retry_after_seconds = caller.invocation->retry_after_seconds;
  }
  caller.invocation->ready_failure = std::move(failure);
  caller.worker->touch(*caller.invocation);
}

// https://fetch.spec.whatwg.org/#null-body-status; any other answer has a body, if an empty one.
bool is_null_body_status(int status) {
  return status == 101 || status == 103 || status == 204 || status == 205 || status == 304;
}

// Brings the answer of a call back into the isolate that made it.
class SubrequestReceiver final : public ResponseReceiver {
 public:
  SubrequestReceiver(Worker& worker, Worker::Pending pending, const HttpRequest& request)
      : worker_(worker),
        pending_(std::move(pending)),
        url_(request.url),
        may_have_body_(request.method != "HEAD") {}

  ~SubrequestReceiver() override {
    if (!answered_) fail({Outcome::InternalError, "Error", "Network connection lost.", "", false});
  }

  void on_response(HttpResponse response) override {
    answered_ = true;
    if (pending_.worker.expired()) return;
    if (std::holds_alternative<std::monostate>(response.body) && may_have_body_ &&
        !is_null_body_status(response.status)) {
      response.body = std::string();
    }
    Worker::settle(pending_,
                   [&worker = worker_, url = std::move(url_), response = std::move(response)](
                       v8::Local<v8::Context> context, Invocation& invocation) mutable {
                     return worker.make_response(context, invocation, std::move(response), url);
                   });
  }

  void on_failure(Failure failure) override { fail(std::move(failure)); }

  void on_started(std::weak_ptr<Worker> callee, std::int32_t invocation) override {
    if (pending_.worker.expired()) return;
    worker_.remember_callee(pending_, std::move(callee), invocation);
  }

  void on_begun(std::move_only_function<void()> cancel) override {
    if (pending_.worker.expired()) return cancel();
    worker_.remember_cancel(pending_, std::move(cancel));
  }

 private:
  void fail(Failure failure) {
    answered_ = true;
    if (pending_.worker.expired()) return;
    Worker::settle(
        pending_,
        [&worker = worker_, failure = std::move(failure)](
            v8::Local<v8::Context> context, Invocation& invocation) -> v8::MaybeLocal<v8::Value> {
          invocation.hop_limit_hit |= failure.hop_limit;
          if (failure.retry_after_seconds > 0) {
            invocation.retry_after_seconds = failure.retry_after_seconds;
          }
          worker.isolate()->ThrowException(
              worker.make_error(context, failure.name, failure.message));
          return {};
        });
  }

  Worker& worker_;
  Worker::Pending pending_;
  std::string url_;
  bool may_have_body_;
  bool answered_ = false;
};

// Tells a Worker that is called how long the body is, as a connection would. Real connections frame
// it anew.
void describe_body(HttpRequest& request) {
  if (std::holds_alternative<std::monostate>(request.body)) return;
  request.headers.remove("content-length");
  request.headers.remove("transfer-encoding");
  std::optional<std::uint64_t> length;
  if (const auto* bytes = std::get_if<std::string>(&request.body)) {
    length = bytes->size();
  } else {
    length = std::get<std::unique_ptr<ByteSource>>(request.body)->length();
  }
  (void)(length ? request.headers.append("content-length", std::to_string(*length))
                : request.headers.append("transfer-encoding", "chunked"));
}

// (channel, method, url, headers, contentType, bodyKind, body, redirect)
void subfetch(const js::Arguments& info) {
  v8::TryCatch caught(info.GetIsolate());
  Caller caller = require_invocation(info);
  if (!caller) return return_rejection(info, caught);
  std::optional<RpcService> service =
      caller.worker->service(*caller.invocation, int_argument(info, 0));
  if (!service) {
    throw_other_request(info.GetIsolate());
    return return_rejection(info, caught);
  }
  HttpRequest request;
  request.method = text_argument(info, 1);
  request.url = text_argument(info, 2);
  request.follow_redirects = int_argument(info, 7) == 0;
  if (!count_subrequest(caller, info) ||
      !take_headers(caller, info, info[3], info[4], request.headers) ||
      !take_body(caller, info, int_argument(info, 5), info[6], std::nullopt, request.body)) {
    return return_rejection(info, caught);
  }
  describe_body(request);
  CallOptions options = caller.invocation->options_of_call(std::move(service->options));
  auto started = caller.worker->start_pending(*caller.invocation);
  if (!started) return return_rejection(info, caught);
  info.GetReturnValue().Set(started->promise);
  auto receiver = std::make_unique<SubrequestReceiver>(*caller.worker, started->pending, request);
  if (caller.invocation->reaches_hop_limit()) {
    return receiver->on_failure({Outcome::Exception, "Error", std::string(kTooManyHops), "", true});
  }
  caller.worker->host().scheduler.run(
      *caller.worker->line(),
      [target = std::move(service->target), request = std::move(request),
       options = std::move(options), receiver = std::move(receiver)]() mutable {
        target->call(std::move(request), std::move(options), std::move(receiver));
      });
}

// (promise): the caller has lost interest in what subfetch() promised.
void subfetch_abort(const js::Arguments& info) {
  Worker& worker = Worker::of(info.GetIsolate());
  Invocation* invocation = worker.current();
  if (invocation != nullptr && info[0]->IsPromise()) {
    worker.abandon(*invocation, info[0].As<v8::Promise>());
  }
}

// Null for what is no bytes.
std::shared_ptr<const std::string> shared_bytes(v8::Local<v8::Value> value) {
  auto bytes = js::bytes_of(value);
  if (!bytes) return nullptr;
  return std::make_shared<std::string>(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

// (handle, name, propsBytes, propsExternals, envBytes, cpuMs, subRequests, outboundBytes,
// outboundChannel) → channel
void dispatch_get(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  auto handle = static_cast<std::uint64_t>(number_argument(info, 0));
  RpcService service{caller.worker->host().services.user_worker(handle, text_argument(info, 1)),
                     {}};
  if (!take_props(caller, info, info[2], info[3], service.options)) return;
  service.options.env_values = shared_bytes(info[4]);
  if (info[5]->IsNumber()) {
    service.options.cpu_ms = static_cast<std::int64_t>(number_argument(info, 5));
  }
  if (info[6]->IsNumber()) {
    service.options.subrequests = static_cast<std::int64_t>(number_argument(info, 6));
  }
  if (info[8]->IsInt32()) {
    auto outbound = caller.worker->service(*caller.invocation, int_argument(info, 8));
    if (!outbound) return throw_other_request(info.GetIsolate());
    std::shared_ptr<const std::string> values = shared_bytes(info[7]);
    service.options.outbound =
        std::make_shared<Outbound>(std::move(outbound->target), std::move(values));
  }
  info.GetReturnValue().Set(caller.worker->add_channel(*caller.invocation, std::move(service)));
}

// (propsBytes | undefined) → channel of the Worker that this inbound Worker stands before
void next_channel(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  const auto& next = caller.invocation->options.next;
  if (!next) return throw_other_request(info.GetIsolate());
  RpcService service{next->target, next->options};
  if (auto props = js::bytes_of(info[0])) {
    service.options.props.assign(reinterpret_cast<const char*>(props->data()), props->size());
    service.options.props_services = nullptr;
  }
  info.GetReturnValue().Set(caller.worker->add_channel(*caller.invocation, std::move(service)));
}

// () → a promise, fulfilled when whoever sent the request goes away
void client_gone(const js::Arguments& info) {
  Caller caller = require_invocation(info);
  if (!caller) return;
  auto started = caller.worker->start_pending(*caller.invocation, true);
  if (!started) return;
  caller.invocation->client_watches.push_back(started->pending.operation);
  info.GetReturnValue().Set(started->promise);
}

void wait_until_begin(const js::Arguments& info) {
  if (Caller caller = require_invocation(info)) ++caller.invocation->wait_until;
}

// (name | undefined, message, stack): the task was fulfilled, or rejected with that error.
void wait_until_end(const js::Arguments& info) {
  Worker& worker = Worker::of(info.GetIsolate());
  Invocation* invocation = worker.current();
  if (invocation == nullptr || invocation->wait_until == 0) return;
  --invocation->wait_until;
  worker.touch(*invocation);
  if (!info[0]->IsString()) return;
  std::string text = text_argument(info, 2);
  if (text.empty()) text = text_argument(info, 0) + ": " + text_argument(info, 1);
  if (invocation->outcome == Outcome::Ok) {
    invocation->outcome = Outcome::Exception;
    invocation->exception = text;
  }
  worker.host().log.exception(worker.script().identity, worker.script().version.version_id,
                              invocation->options.request_id, text);
}

void pass_through_on_exception(const js::Arguments& info) {
  // Without an origin behind the platform there is nothing to pass through to.
  (void)require_invocation(info);
}

constexpr js::NativeFunction kNatives[] = {
    {"respond", respond},
    {"invocationFailed", invocation_failed},
    {"subfetch", subfetch},
    {"nextChannel", next_channel},
    {"subfetchAbort", subfetch_abort},
    {"dispatchGet", dispatch_get},
    {"clientGone", client_gone},
    {"waitUntilBegin", wait_until_begin},
    {"waitUntilEnd", wait_until_end},
    {"passThroughOnException", pass_through_on_exception},
};

}  // namespace

js::NativeTable exchange_natives() { return kNatives; }

}  // namespace atoll::runtime
