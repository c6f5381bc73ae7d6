// The supervisor's hosts and lanes as the management API shows them.
#pragma once

#include "management/platform_lanes.h"
#include "sandbox/supervisor/host_fleet.h"

namespace atoll::platform {

class LanesView final : public management::PlatformLanes {
 public:
  // All outlive this.
  LanesView(asio::io_context& loop, sandbox::HostServices& services, sandbox::HostFleet& fleet)
      : loop_(loop), services_(services), fleet_(fleet) {}

  std::vector<Host> hosts() override;
  std::vector<Busy> busy(const std::string& account_id) override;
  void replace_hosts() override;
  Task<Result<void>> groups_changed() override { return fleet_.groups_changed(); }

 private:
  asio::io_context& loop_;
  sandbox::HostServices& services_;
  sandbox::HostFleet& fleet_;
};

}  // namespace atoll::platform
