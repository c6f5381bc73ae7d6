// Builds the answer to LoadScript: what a host needs to run a script, with grants for exactly what
// its bindings name.
#pragma once

#include <string>
#include <vector>

#include "async/task.h"
#include "base/unique_fd.h"
#include "sandbox/border/protocol.h"
#include "sandbox/supervisor/grants.h"
#include "scripts/registry.h"

namespace atoll::sandbox {

// What ScriptChanged calls a script. Holds no secret.
std::string script_key(const scripts::Scope& scope, const std::string& name);

struct ScriptAnswer {
  border::LoadedScript script;
  std::vector<UniqueFd> descriptors;
};

// A dispatch namespace's script when `dispatch_namespace` is set, else an account-level one. A
// script that is absent or has nothing deployed is an answer with NotFound.
Task<Result<ScriptAnswer>> load_script_answer(scripts::Registry& registry, Grants& grants,
                                              scripts::Scope scope, std::string name,
                                              const scripts::DispatchNamespace* dispatch_namespace);

}  // namespace atoll::sandbox
