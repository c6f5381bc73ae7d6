// Tells the rest of the platform that a record which running code depends on has changed. The
// registry awaits each call after its transaction is durable and before the operation answers, so
// that a client that got its answer is served by the new state. Implemented in apps/.
//
// An event says "look again", it carries no state: events of concurrent operations may arrive in
// any order, and an event may come although nothing visible changed.
#pragma once

#include <string>

#include "async/task.h"
#include "scripts/scope.h"

namespace atoll::scripts {

class ScriptEvents {
 public:
  virtual ~ScriptEvents() = default;

  // Published, deployed, its settings changed, or deleted.
  virtual Task<void> on_script_changed(Scope scope, std::string name) = 0;

  // What a dispatch namespace does to all of its scripts: its inbound and outbound Workers.
  virtual Task<void> on_namespace_changed(Scope scope) = 0;

  // Zone routes, custom domains, account subdomains, or which account-level scripts answer on the
  // platform domain.
  virtual Task<void> on_routes_changed() = 0;

  // The record is gone; its keys and values are the listener's to drop.
  virtual Task<void> on_kv_namespace_deleted(std::string id) = 0;
};

// For tests and for processes that serve no traffic.
class NoScriptEvents final : public ScriptEvents {
 public:
  Task<void> on_script_changed(Scope, std::string) override { co_return; }
  Task<void> on_namespace_changed(Scope) override { co_return; }
  Task<void> on_routes_changed() override { co_return; }
  Task<void> on_kv_namespace_deleted(std::string) override { co_return; }
};

}  // namespace atoll::scripts
