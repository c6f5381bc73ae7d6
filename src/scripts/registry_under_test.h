// A registry in memory, with the events it sent.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engines/engines_under_test.h"
#include "scripts/registry.h"

namespace atoll::scripts {

inline const std::string kAccount = "0123456789abcdef0123456789abcdef";
inline const Author kAnn{"ann", "ann@example.com"};

class RecordedEvents final : public ScriptEvents {
 public:
  Task<void> on_script_changed(Scope scope, std::string name) override {
    events.push_back("script " + name);
    co_return;
  }
  Task<void> on_namespace_changed(Scope) override {
    events.push_back("namespace");
    co_return;
  }
  Task<void> on_routes_changed() override {
    events.push_back("routes");
    co_return;
  }
  Task<void> on_kv_namespace_deleted(std::string id) override {
    events.push_back("kv " + id);
    co_return;
  }
  std::vector<std::string> taken() { return std::exchange(events, {}); }

  std::vector<std::string> events;
};

class RegistryTest : public testing::Test {
 protected:
  RegistryTest() {
    run(registry.accounts.put_account({.id = kAccount, .name = "Ann", .subdomain = "ann"}));
    events.taken();
  }

  template <typename T>
  T run(Task<Result<T>> task) {
    engines::Loop own;  // not `loop`: a store's before_commit may run operations in between
    auto result = own.run(std::move(task));
    EXPECT_TRUE(result) << (result ? "" : result.error().message());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }
  template <typename T>
  Error refusal(Task<Result<T>> task) {
    auto result = loop.run(std::move(task));
    EXPECT_FALSE(result);
    return result ? internal_error("it succeeded") : result.error();
  }

  Scope account_scope() const { return {kAccount, ""}; }
  Scope namespace_scope(std::string name) {
    return {kAccount,
            run(registry.dispatch_namespaces.create(kAccount, name, kAnn)).dispatch_namespace.id};
  }

  // Uploads code and deploys it.
  Published upload(Scope scope, std::string name, std::string code = "export default {}",
                   std::vector<std::string> tags = {}) {
    std::string blob = run(registry.scripts.store_blob(code));
    return run(registry.scripts.publish_version(
        scope, name, [=](const ScriptState* current) -> Result<Publication> {
          Publication publication;
          if (current) publication.settings = current->script.settings;
          publication.content.bundle_id = blob;
          publication.content.etag = "etag";
          publication.content.handlers = {"fetch"};
          publication.source = "wrangler";
          publication.author = kAnn;
          publication.tags = tags;
          publication.deploy_with_annotations = Json::object();
          return publication;
        }));
  }

  engines::Loop loop;
  engines::MemoryMetaStore meta;
  engines::MemoryBlobStore blobs;
  RecordedEvents events;
  Registry registry{meta, blobs, events};
};

}  // namespace atoll::scripts
