// What every native does first: find the invocation that asks, or say why there is none.
#pragma once

#include "js/native_function.h"
#include "runtime/worker.h"

namespace atoll::runtime {

struct Caller {
  Worker* worker;
  Invocation* invocation;
  explicit operator bool() const { return invocation != nullptr; }
};

// Throws, and is false, in global scope and after the invocation has ended.
Caller require_invocation(const js::Arguments& info);

// The message of this invocation with that number; throws, and is null, when it belongs to another.
Message* require_message(const Caller& caller, const js::Arguments& info,
                         v8::Local<v8::Value> number);

void throw_other_request(v8::Isolate* isolate);
// The same, naming the kind of object that was used.
void throw_other_request(v8::Isolate* isolate, std::string_view type);

inline constexpr std::string_view kTooManyHops =
    "Subrequest depth limit exceeded. This request recursed through Workers too many times. This "
    "can happen e.g. if you have a Worker or Durable Object that calls other Workers or objects "
    "recursively.";

// Counts one subrequest; throws `Too many subrequests.` when the limit is reached.
bool count_subrequest(const Caller& caller, const js::Arguments& info);

// The arguments of a call, converted without running JavaScript.
std::int32_t int_argument(const js::Arguments& info, int index);
double number_argument(const js::Arguments& info, int index);
std::string text_argument(const js::Arguments& info, int index);  // empty unless a string
bool is_absent(v8::Local<v8::Value> value);                       // undefined or null

// A promise that is rejected with what is pending in `caught`.
void return_rejection(const js::Arguments& info, v8::TryCatch& caught);

}  // namespace atoll::runtime
