// Messages of remote procedure calls as JavaScript gives them.
#pragma once

#include "runtime/natives/invocation_access.h"
#include "runtime/rpc.h"

namespace atoll::runtime {

// `externals`: undefined or [kind, value, …] as in rpc_natives.cc; objects that are given away do
// not keep the invocation. False with an exception pending.
bool take_rpc_message(const Caller& caller, const js::Arguments& info, v8::Local<v8::Value> bytes,
                      v8::Local<v8::Value> externals, RpcMessage& message);

// The props of a call as JavaScript gives them: bytes, and undefined or [kind, value, …] that are
// services only. Undefined bytes: none. False with an exception pending.
bool take_props(const Caller& caller, const js::Arguments& info, v8::Local<v8::Value> bytes,
                v8::Local<v8::Value> externals, CallOptions& options);

}  // namespace atoll::runtime
