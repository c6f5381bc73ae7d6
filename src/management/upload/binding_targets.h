// What bindings point at: whether it exists when they are uploaded, and how it is called when they
// are shown.
#pragma once

#include <vector>

#include "async/task.h"
#include "management/upload/bindings.h"
#include "scripts/registry.h"

namespace atoll::management {

class BindingTargets {
 public:
  explicit BindingTargets(scripts::Registry& registry) : registry_(registry) {}

  // 10021 (100119 for a dispatch namespace) naming the binding whose target the account lacks. A
  // script may name itself before it exists. Dispatch namespaces are resolved to their ids, which
  // survive renaming.
  Task<Answer<void>> resolve(const scripts::Scope& scope, const std::string& script,
                             std::vector<RequestedBinding>& bindings);

  // The bindings as the API shows them: without secret parts and internal members, dispatch
  // namespaces under their present names.
  Task<Answer<Json>> show(const std::vector<scripts::Binding>& bindings);

 private:
  Task<Answer<void>> resolve_one(const scripts::Scope& scope, const std::string& script,
                                 scripts::Binding& binding);
  Task<Answer<bool>> script_exists(const scripts::Scope& scope, const std::string& script,
                                   const std::string& service);

  scripts::Registry& registry_;
};

}  // namespace atoll::management
