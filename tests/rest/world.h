// A management API over stores in memory, with one account and its token.
#pragma once

#include "egress/script_policy.h"
#include "engines/memory/memory_engine.h"
#include "fake_checker.h"
#include "management/api.h"
#include "management/egress_control.h"
#include "scripts/registry.h"

namespace atoll::rest_test {

inline constexpr std::string_view kAccount = "0123456789abcdef0123456789abcdef";
inline constexpr std::string_view kToken = "test-token";

// Deleting a KV namespace drops its values, as the platform's listener does.
class DropKv final : public scripts::ScriptEvents {
 public:
  explicit DropKv(store::KvStore& kv) : kv_(kv) {}
  Task<void> on_script_changed(scripts::Scope, std::string) override { co_return; }
  Task<void> on_namespace_changed(scripts::Scope) override { co_return; }
  Task<void> on_routes_changed() override { co_return; }
  Task<void> on_kv_namespace_deleted(std::string id) override {
    auto dropped = co_await kv_.drop_namespace(id);
    CHECK(dropped);
  }

 private:
  store::KvStore& kv_;
};

// Reads policies as the gate does, and has no gate.
class NoEgress final : public management::EgressControl {
 public:
  Result<void> check(const Json& policy) override {
    TRY_VOID(egress::parse_script_policy(policy));
    return {};
  }
  Task<Result<void>> policy_changed(scripts::Scope, std::string) override {
    co_return Result<void>();
  }
  Task<Result<AuditPage>> audit(AuditQuery) override { co_return AuditPage(); }
};

struct World {
  engines::MemoryMetaStore meta;
  engines::MemoryKvStore kv;
  engines::MemoryBlobStore blobs;
  DropKv events{kv};
  scripts::Registry registry{meta, blobs, events};
  FakeChecker checker;
  NoEgress egress;

  management::Dependencies dependencies() { return {registry, kv, checker, nullptr, &egress}; }

  // The account, its token, and a second account whose token is "other-token".
  Task<void> populate();
};

}  // namespace atoll::rest_test
