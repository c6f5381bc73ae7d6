// What the supervisor tells about its hosts and lanes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "base/time.h"
#include "scripts/scope.h"

namespace atoll::management {

class PlatformLanes {
 public:
  virtual ~PlatformLanes() = default;

  struct Isolate {
    scripts::Scope scope;
    std::string script;
    std::string version_id;
    std::uint64_t heap_bytes = 0;      // in use
    std::uint64_t external_bytes = 0;  // buffers, and what else counts against the script's limit
    std::uint64_t wasm_bytes = 0;      // memories and code of WebAssembly, as far as V8 tells
  };
  struct Host {
    std::uint32_t index = 0;
    std::string lane;
    std::string state;  // starting, ready, draining
    std::int64_t pid = 0;
    std::uint64_t resident_bytes = 0;
    std::uint64_t isolate_bytes = 0;
    std::uint32_t isolates = 0;
    std::uint32_t connections = 0;
    std::uint64_t invocations = 0;
    std::vector<Isolate> largest;  // by what they take up; at most some dozens
  };
  struct Busy {
    scripts::Scope scope;
    std::string script;
    double share_percent = 0;  // of a core, in long turns
    WallTime since{};
  };

  virtual std::vector<Host> hosts() = 0;
  virtual std::vector<Busy> busy(const std::string& account_id) = 0;
  // Replaces all hosts of the default lane, one after the other: begun when it returns.
  virtual void replace_hosts() = 0;
  // Trust groups were changed: in force when it completes.
  virtual Task<Result<void>> groups_changed() = 0;
};

}  // namespace atoll::management
