// What scripts may reach outside, as the owner set it: for one script, or for all of a dispatch
// namespace. What a policy means, egress/ knows; here it is JSON text that was checked before.
// Promises common to all registry classes are in registry.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "scripts/backing.h"

namespace atoll::scripts {

struct EgressPolicy {
  Scope scope;
  std::string script;  // empty: every script of the scope
  Json policy;
  WallTime modified_on;
};

class EgressPolicies {
 public:
  explicit EgressPolicies(Backing backing) : backing_(backing) {}

  // The script need not exist: its policy can be there before it is. Replaces an older one.
  Task<Result<void>> put(EgressPolicy policy);
  Task<Result<std::optional<EgressPolicy>>> find(Scope scope, std::string script);
  // False when there was none.
  Task<Result<bool>> remove(Scope scope, std::string script);

  // Every policy there is, of one account or of all.
  Task<Result<std::vector<EgressPolicy>>> list(std::string account_id);
  Task<Result<std::vector<EgressPolicy>>> list_all();

 private:
  Backing backing_;
};

}  // namespace atoll::scripts
