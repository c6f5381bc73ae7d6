#include "runtime/natives/invocation_access.h"

namespace atoll::runtime {
namespace {

constexpr std::string_view kGlobalScope =
    "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), "
    "setting a timeout, and generating random values are not allowed within global scope. To fix "
    "this error, perform this operation within a handler.";

constexpr std::string_view kOtherRequest =
    "Cannot perform I/O on behalf of a different request. I/O objects (such as streams, "
    "request/response bodies, and others) created in the context of one request handler cannot be "
    "accessed from a different request's handler.";

}  // namespace

void throw_other_request(v8::Isolate* isolate) { js::throw_error(isolate, kOtherRequest); }

void throw_other_request(v8::Isolate* isolate, std::string_view type) {
  js::throw_error(isolate, std::string(kOtherRequest) +
                               " This is a limitation of Cloudflare Workers which allows us to "
                               "improve overall performance. (I/O type: " +
                               std::string(type) + ")");
}

Caller require_invocation(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  Worker& worker = Worker::of(isolate);
  Invocation* invocation = worker.current();
  if (invocation == nullptr) {
    if (worker.has_frame()) {
      throw_other_request(isolate);  // code of an invocation that has ended
    } else {
      js::throw_error(isolate, kGlobalScope);
    }
  }
  return {&worker, invocation};
}

Message* require_message(const Caller& caller, const js::Arguments& info,
                         v8::Local<v8::Value> number) {
  Message* message = number->IsInt32()
                         ? caller.invocation->find_message(number.As<v8::Int32>()->Value())
                         : nullptr;
  if (message == nullptr) throw_other_request(info.GetIsolate());
  return message;
}

bool count_subrequest(const Caller& caller, const js::Arguments& info) {
  if (caller.invocation->subrequests >= caller.invocation->limits.subrequests) {
    js::throw_error(info.GetIsolate(), "Too many subrequests.");
    return false;
  }
  ++caller.invocation->subrequests;
  return true;
}

std::int32_t int_argument(const js::Arguments& info, int index) {
  return info[index]->IsInt32() ? info[index].As<v8::Int32>()->Value() : 0;
}

double number_argument(const js::Arguments& info, int index) {
  return info[index]->IsNumber() ? info[index].As<v8::Number>()->Value() : 0;
}

std::string text_argument(const js::Arguments& info, int index) {
  return info[index]->IsString() ? js::to_utf8(info.GetIsolate(), info[index]) : std::string();
}

bool is_absent(v8::Local<v8::Value> value) { return value->IsNullOrUndefined(); }

void return_rejection(const js::Arguments& info, v8::TryCatch& caught) {
  if (caught.HasTerminated() || !caught.HasCaught()) return;
  v8::Local<v8::Context> context = info.GetIsolate()->GetCurrentContext();
  v8::Local<v8::Value> reason = caught.Exception();
  caught.Reset();
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(context).ToLocal(&resolver)) return;
  (void)resolver->Reject(context, reason);
  info.GetReturnValue().Set(resolver->GetPromise());
}

}  // namespace atoll::runtime
