// The supervisor's quarantine as the management API shows it.
#pragma once

#include "management/held_scripts.h"
#include "sandbox/supervisor/quarantine.h"

namespace atoll::platform {

class HeldScriptsView final : public management::HeldScripts {
 public:
  explicit HeldScriptsView(sandbox::Quarantine& quarantine) : quarantine_(quarantine) {}

  std::vector<Held> list(const std::string& account_id) override;
  bool release(const scripts::Scope& scope, const std::string& script) override {
    return quarantine_.release(scope, script);
  }

 private:
  sandbox::Quarantine& quarantine_;
};

}  // namespace atoll::platform
