// Scripts that brought isolate hosts down, and for how long they are not run. The supervisor knows.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "scripts/scope.h"

namespace atoll::management {

class HeldScripts {
 public:
  virtual ~HeldScripts() = default;

  struct Held {
    scripts::Scope scope;
    std::string script;
    std::uint32_t deaths = 0;  // of hosts, of late
    std::string reason;        // of the last
    std::string request_id;    // which ran then; may be empty
    WallTime last_on{};
    std::chrono::milliseconds held_for{0};  // from now on; zero: it may run
  };

  virtual std::vector<Held> list(const std::string& account_id) = 0;
  // Forgets what it did. False when there was nothing.
  virtual bool release(const scripts::Scope& scope, const std::string& script) = 0;
};

}  // namespace atoll::management
