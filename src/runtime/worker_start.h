// Between a script's description and the built-ins: what `prepareWorker` is told, what
// `registerExports` answers, what a failed start says.
#pragma once

#include <v8.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/script.h"

namespace atoll::runtime {

struct NamedHandlers {
  std::string name;
  std::vector<std::string> handlers;
};

// Empty with an exception pending when V8 refuses.
v8::Local<v8::Value> describe_worker(v8::Local<v8::Context> context, const Script& script);

Result<void> read_exports(v8::Local<v8::Context> context, v8::Local<v8::Value> description,
                          std::vector<std::string>& handlers,
                          std::vector<NamedHandlers>& named_handlers);

// "Uncaught TypeError: x is not a function\n  at worker.js:3:7 …"; InvalidInput.
Error describe_startup_failure(v8::Isolate* isolate, v8::Local<v8::Context> context,
                               v8::TryCatch& caught);

}  // namespace atoll::runtime
