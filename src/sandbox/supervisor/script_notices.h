// Carries the registry's events to the isolate hosts.
#pragma once

#include "sandbox/supervisor/host_fleet.h"
#include "scripts/script_events.h"
#include "store/kv_store.h"

namespace atoll::sandbox {

class ScriptNotices final : public scripts::ScriptEvents {
 public:
  ScriptNotices(store::KvStore& kv, EventLog& log) : kv_(kv), log_(log) {}

  // The fleet needs the registry and the registry needs its listener: until this is called nobody
  // runs scripts and there is nobody to tell. Null disconnects.
  void connect(HostFleet* fleet) { fleet_ = fleet; }

  Task<void> on_script_changed(scripts::Scope scope, std::string name) override;
  Task<void> on_namespace_changed(scripts::Scope scope) override;
  Task<void> on_routes_changed() override;
  Task<void> on_kv_namespace_deleted(std::string id) override;

 private:
  store::KvStore& kv_;
  EventLog& log_;
  HostFleet* fleet_ = nullptr;
};

}  // namespace atoll::sandbox
