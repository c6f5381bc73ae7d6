// All isolate hosts of this machine, and what they must all hear.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "async/task.h"
#include "base/unique_fd.h"
#include "sandbox/supervisor/control_groups.h"
#include "sandbox/supervisor/host.h"
#include "sandbox/supervisor/lane_hosts.h"
#include "sandbox/supervisor/notice.h"

namespace atoll::sandbox {

class HostFleet final {
 public:
  // How long a change waits for hosts to acknowledge it: one that is busy with a tenant's
  // computation hears of it before it does anything else, but cannot say so in time.
  static constexpr auto kAcknowledgeWithin = std::chrono::milliseconds(2000);
  // Keys and values promise less than deploys: their writers are not held up for long.
  static constexpr auto kKvAcknowledgeWithin = std::chrono::milliseconds(200);

  // `services` and `routes` outlive the fleet. Main thread only.
  HostFleet(asio::io_context& loop, HostOptions options, UniqueFd listener, HostServices& services,
            RouteTable& routes, LaneSettings lanes = {});
  ~HostFleet();

  // Reads the routes and starts `count` hosts. Completes once all accept connections, or after some
  // seconds when at least one does. Fails when none can be brought to that; the message tells how
  // the last one ended.
  Task<Result<void>> start(unsigned count);

  // Each completes when every live host has acknowledged or its time has passed.
  Task<void> script_changed(scripts::Scope scope, std::string name);
  // Every script of the namespace.
  Task<void> namespace_changed(scripts::Scope scope);
  Task<void> kv_changed(std::string namespace_id, std::vector<std::string> keys);
  // Reads the routes again and tells what is new.
  Task<void> routes_changed();

  // Trust groups as they are stored now are in force when it completes: scripts that belong
  // elsewhere are looked for anew, and hosts that have their code are replaced.
  Task<Result<void>> groups_changed();
  // Forgets that a script brought hosts down. False when there was nothing to forget.
  bool release_from_quarantine(const scripts::Scope& scope, const std::string& script);
  // Replaces that host of the default lane: once another one is ready it stops accepting, finishes
  // what it is doing for up to LaneSettings::drain, and ends.
  Task<void> replace(std::uint32_t index, std::string reason);
  // All of them, one after the other.
  Task<void> replace_all(std::string reason);

  // Ends all hosts: they finish what they are doing for up to `within`, then they are killed.
  Task<void> drain(std::chrono::milliseconds within);

  // Of the default lane.
  const std::vector<std::unique_ptr<Host>>& hosts() const { return hosts_; }
  // Of all lanes, and those that are being replaced.
  template <typename Visit>
  void for_each_host(Visit visit) const {
    for (const auto& host : hosts_) visit(*host);
    for (const auto& host : retiring_) visit(*host);
    lanes_.for_each(visit);
  }

 private:
  template <typename Tell>
  Task<void> tell_all(std::chrono::milliseconds within, Tell tell);
  Task<void> refresh_routes();
  void moved(const scripts::Scope& scope, const std::string& script);
  void look_after_hosts();
  void look_after_lanes();
  Task<Result<void>> read_groups();
  void put_into_control_groups();
  template <typename Visit>
  void for_each_session(Visit visit);
  void kv_written(const std::string& namespace_id, const std::string& key, HostSession& writer);

  asio::io_context& loop_;
  UniqueFd listener_;
  HostServices& services_;
  RouteTable& routes_;
  Host::Fleet fleet_;
  Notice changed_;  // hosts came or went, or a refresh ended
  std::vector<std::unique_ptr<Host>> hosts_;
  std::vector<std::unique_ptr<Host>> retiring_;  // replaced, and not ended yet
  const LaneSettings lane_settings_;
  std::optional<ControlGroups> control_groups_;
  bool looked_for_control_groups_ = false;
  std::set<pid_t> in_control_groups_;
  bool stopping_ = false;
  bool replacing_ = false;
  LaneHosts lanes_;
  asio::steady_timer look_after_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  // Refreshes of the routes: one runs at a time, those asked for meanwhile share the next.
  std::uint64_t refresh_asked_ = 0;
  std::uint64_t refresh_done_ = 0;
  bool refreshing_ = false;
};

}  // namespace atoll::sandbox
