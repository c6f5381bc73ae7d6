// The V8 platform of an isolate host: V8's default one, with a clock that stands still while tenant
// code runs and a page allocator that charges big reservations to the isolate that made them.
#pragma once

#include <v8-platform.h>

#include <cstddef>
#include <memory>

namespace atoll::js {

class MemoryAccount;

// What Date.now() and new Date() read, in milliseconds since the epoch; zero in global scope. The
// host's thread sets it before each turn; it does not move within one (the Spectre defence).
void set_frozen_time(double milliseconds);
double frozen_time();

// The account charged for WebAssembly memory, resizable buffers and wasm code that are reserved on
// the host's thread from now on; null between turns.
void set_charged_account(MemoryAccount* account);
// Null between turns.
std::shared_ptr<MemoryAccount> charged_account();
// What of an account's use such reservations are.
std::size_t reserved_bytes(const MemoryAccount& account);

struct Platform {
  std::unique_ptr<v8::Platform> platform;  // for V8::InitializePlatform
  v8::Platform* pump;                      // for v8::platform::PumpMessageLoop; owned by `platform`
};
Platform make_platform();

}  // namespace atoll::js
