// The egress gate and its audit as the management API sees them.
#pragma once

#include "egress/audit_files.h"
#include "egress/gate.h"
#include "management/egress_control.h"
#include "scripts/registry.h"

namespace atoll::platform {

class EgressControl final : public management::EgressControl {
 public:
  // All outlive this.
  EgressControl(scripts::Registry& registry, egress::Gate& gate, egress::AuditFiles& audit)
      : registry_(registry), gate_(gate), audit_(audit) {}

  // Puts every stored policy in force; before any host runs.
  Task<Result<void>> load_policies();

  Result<void> check(const Json& policy) override;
  Task<Result<void>> policy_changed(scripts::Scope scope, std::string script) override;
  Task<Result<AuditPage>> audit(AuditQuery query) override;

 private:
  Result<void> apply(const scripts::EgressPolicy& stored);

  scripts::Registry& registry_;
  egress::Gate& gate_;
  egress::AuditFiles& audit_;
};

}  // namespace atoll::platform
