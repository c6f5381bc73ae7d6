#include "apps/platform/egress_control.h"

namespace atoll::platform {
namespace {

egress::PolicyTarget target_of(const scripts::Scope& scope, const std::string& script) {
  return {scope.account_id, scope.namespace_id, script};
}

}  // namespace

Result<void> EgressControl::check(const Json& policy) {
  TRY_VOID(egress::parse_script_policy(policy));
  return {};
}

Result<void> EgressControl::apply(const scripts::EgressPolicy& stored) {
  auto policy = TRY(egress::parse_script_policy(stored.policy));
  gate_.set_policy(target_of(stored.scope, stored.script), std::move(policy));
  return {};
}

// A policy that cannot be read must not be ignored: what it forbids would be allowed.
Task<Result<void>> EgressControl::load_policies() {
  auto all = co_await registry_.egress_policies.list_all();
  CO_CHECK(all);
  for (const scripts::EgressPolicy& stored : *all) {
    auto applied = apply(stored);
    if (!applied) {
      co_return fail(std::move(applied.error())
                         .while_doing("egress policy of \"" + stored.script + "\" in " +
                                      stored.scope.account_id + "/" + stored.scope.namespace_id));
    }
  }
  co_return Result<void>();
}

// Reads what is stored now, so that of two changes at once the last one is in force.
Task<Result<void>> EgressControl::policy_changed(scripts::Scope scope, std::string script) {
  auto found = co_await registry_.egress_policies.find(scope, script);
  CO_CHECK(found);
  if (*found) co_return apply(**found);
  gate_.remove_policy(target_of(scope, script));
  co_return Result<void>();
}

Task<Result<EgressControl::AuditPage>> EgressControl::audit(AuditQuery query) {
  egress::AuditQuery asked{std::move(query.account_id),
                           std::move(query.namespace_id),
                           std::move(query.script),
                           std::move(query.host),
                           std::move(query.verdict),
                           std::move(query.event),
                           query.since,
                           query.until,
                           query.limit,
                           std::move(query.cursor)};
  auto page = co_await audit_.read(std::move(asked));
  CO_CHECK(page);
  co_return AuditPage{std::move(page->rows), std::move(page->cursor)};
}

}  // namespace atoll::platform
