// The hosts of all lanes but the default one, and the links between hosts of different lanes.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "sandbox/supervisor/host.h"
#include "sandbox/supervisor/lanes.h"
#include "sandbox/supervisor/notice.h"

namespace atoll::sandbox {

struct LaneSettings {
  std::uint32_t max_hosts = 64;             // outside of the default lane
  std::chrono::milliseconds idle{60'000};   // then a host is ended
  std::chrono::milliseconds drain{30'000};  // what its last requests get
  std::chrono::milliseconds start_within{5'000};
  std::chrono::milliseconds retry_after{500};  // when a host could not be started
};

class LaneHosts final : public LaneDoor {
 public:
  using Hosts = std::vector<std::unique_ptr<Host>>;

  // All outlive this. `changed` is woken when hosts come or go; `default_hosts` are those of the
  // default lane, and the busy lane has as many.
  LaneHosts(asio::io_context& loop, Host::Fleet& fleet, Notice& changed, const Hosts& default_hosts,
            LaneSettings settings)
      : loop_(loop),
        fleet_(fleet),
        changed_(changed),
        default_hosts_(default_hosts),
        settings_(settings) {}

  Task<Result<LaneLink>> open(std::shared_ptr<HostSession> from, std::string lane,
                              LaneScriptGrant script) override;
  // The caller's word that it has no use for the link any more.
  void link_closed(HostSession& caller, std::uint64_t link);

  // About once a second: ends idle hosts, forgets ended ones.
  void look_after(SteadyTime now);

  // Those that know a script which, by trust groups, is not theirs any more.
  void drain_strays();
  void drain(std::chrono::milliseconds within);
  void kill();
  bool any_running() const;
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const Place& place : places_) visit(*place.host);
  }

 private:
  struct Place {
    std::unique_ptr<Host> host;
    std::uint32_t slot = 0;
    std::uint64_t seen_invocations = 0;
    SteadyTime last_active;
  };
  struct OpenLink {
    std::uint64_t number = 0;
    std::uint64_t caller = 0;  // number of its session
    std::weak_ptr<HostSession> server;
    bool delivered = false;  // the caller has been given its end
  };

  enum class IfAbsent { Start, GiveUp };
  // Null: there is none and none can be started now.
  Host* choose(const std::string& lane, std::uint32_t caller_index, IfAbsent if_absent);
  void close(Place& place, std::string_view reason);
  Host* start(const std::string& lane, std::uint32_t slot);
  Task<std::shared_ptr<HostSession>> ready_session(const HostSession& from, std::string lane);
  OpenLink* find_link(std::uint64_t caller, const HostSession& server);
  Task<bool> allow(HostSession& server, std::uint64_t link, LaneScriptGrant script,
                   border::Handle& target);

  asio::io_context& loop_;
  Host::Fleet& fleet_;
  Notice& changed_;
  const Hosts& default_hosts_;
  const LaneSettings settings_;
  std::vector<Place> places_;
  std::vector<OpenLink> links_;
  std::map<std::string, SteadyTime> not_before_;  // lanes whose host could not be started
  std::uint64_t last_link_ = 0;
  std::uint32_t started_ = 0;
};

}  // namespace atoll::sandbox
