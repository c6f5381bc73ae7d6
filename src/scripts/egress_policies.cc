#include "scripts/egress_policies.h"

#include "scripts/change.h"
#include "scripts/encoding.h"
#include "scripts/keys.h"
#include "scripts/load.h"

namespace atoll::scripts {

Task<Result<void>> EgressPolicies::put(EgressPolicy policy) {
  std::string key = keys::egress_policy(policy.scope, policy.script);
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto before = co_await change.read(key);
    CO_CHECK(before);
    change.put(key, encode(policy));
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (*committed) co_return Result<void>();
  }
  co_return fail(overtaken());
}

Task<Result<std::optional<EgressPolicy>>> EgressPolicies::find(Scope scope, std::string script) {
  co_return co_await load_record<EgressPolicy>(backing_.meta, keys::egress_policy(scope, script));
}

Task<Result<bool>> EgressPolicies::remove(Scope scope, std::string script) {
  std::string key = keys::egress_policy(scope, script);
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto before = co_await change.read(key);
    CO_CHECK(before);
    if (!*before) co_return false;
    change.remove(key);
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (*committed) co_return true;
  }
  co_return fail(overtaken());
}

Task<Result<std::vector<EgressPolicy>>> EgressPolicies::list(std::string account_id) {
  co_return co_await load_all<EgressPolicy>(backing_.meta, keys::egress_policies_of(account_id));
}

Task<Result<std::vector<EgressPolicy>>> EgressPolicies::list_all() {
  co_return co_await load_all<EgressPolicy>(backing_.meta, keys::egress_policies());
}

}  // namespace atoll::scripts
