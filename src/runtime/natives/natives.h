// The runtime's own natives, by subject; the contract with the built-ins is in webapi/README.md.
#pragma once

#include "js/native_function.h"

namespace atoll::runtime {

js::NativeTable body_natives();      // reading and writing bodies
js::NativeTable exchange_natives();  // respond, subfetch, failures, waitUntil
js::NativeTable kv_natives();
js::NativeTable loader_natives();  // Workers that scripts load
js::NativeTable rpc_natives();     // remote procedure calls
js::NativeTable socket_natives();
js::NativeTable scheduling_natives();  // timers, time, logging
js::NativeTable websocket_natives();

}  // namespace atoll::runtime
