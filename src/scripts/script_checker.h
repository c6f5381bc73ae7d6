// Runs uploaded code once, under limits, in a process where tenant code may run, before it is
// published. apps/ implements it with the compiler process; unit tests with a fake.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/result.h"

namespace atoll::scripts {

class ScriptChecker {
 public:
  virtual ~ScriptChecker() = default;

  struct Binding {
    std::string name;
    std::string type;     // as in upload metadata: plain_text, kv_namespace, …
    std::string payload;  // text for plain_text, JSON text for json, bytes for blob types
  };
  struct Request {
    std::shared_ptr<const std::string> bundle;  // bundle/bundle.h encoding
    std::string compatibility_date;
    std::vector<std::string> compatibility_flags;
    std::vector<Binding> bindings;
  };
  struct NamedHandlers {
    std::string name;
    std::vector<std::string> handlers;
  };
  struct Outcome {
    std::string error;  // empty when the script may be published, else the text for code 10021
    std::vector<std::string> handlers;
    std::vector<NamedHandlers> named_handlers;
    unsigned startup_time_ms = 0;
    std::string code_cache;  // may be empty
  };

  // Fails (Unavailable) only when the check could not be made; bad code is an Outcome with `error`.
  // The error text quotes the JavaScript error with file, line and column.
  virtual Task<Result<Outcome>> check(Request request) = 0;
};

}  // namespace atoll::scripts
