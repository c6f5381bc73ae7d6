// The supervisor's quarantine as the management API shows it.
#pragma once

#include "management/held_scripts.h"
#include "sandbox/supervisor/host_fleet.h"

namespace atoll::platform {

class HeldScriptsView final : public management::HeldScripts {
 public:
  HeldScriptsView(sandbox::Quarantine& quarantine, sandbox::HostFleet& fleet)
      : quarantine_(quarantine), fleet_(fleet) {}

  std::vector<Held> list(const std::string& account_id) override;
  bool release(const scripts::Scope& scope, const std::string& script) override {
    return fleet_.release_from_quarantine(scope, script);
  }

 private:
  sandbox::Quarantine& quarantine_;
  sandbox::HostFleet& fleet_;
};

}  // namespace atoll::platform
