#include "scripts/script_store.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "scripts/keys.h"
#include "scripts/load.h"

namespace atoll::scripts {
namespace {

// More than one only after many were kept alive by a deployment that has ended.
constexpr unsigned kPrunedAtOnce = 10;

void write_tags(Change& change, const Script& script, const std::vector<std::string>& added,
                const std::vector<std::string>& removed) {
  for (const std::string& tag : removed) {
    if (std::find(added.begin(), added.end(), tag) != added.end()) continue;
    change.remove(keys::scripts_tagged(script.scope, tag) + keys::escape(script.name));
  }
  for (const std::string& tag : added) {
    if (std::find(removed.begin(), removed.end(), tag) != removed.end()) continue;
    change.put(keys::scripts_tagged(script.scope, tag) + keys::escape(script.name), "");
  }
}

std::string user_of(const std::string& blob_id, const Script& script, const Version& version) {
  return keys::blob_users(blob_id) + script.tag + "/" + version.id;
}

}  // namespace

Error no_such_script(const Scope& scope, const std::string& name) {
  return not_found(std::string("there is no ") +
                   (scope.account_level() ? "Worker" : "user Worker") + " named '" + name + "'");
}

Task<Result<std::optional<StoredScript>>> read_script(Change& change, Scope scope,
                                                      std::string name) {
  auto text = co_await change.read(keys::script(scope, name));
  CO_CHECK(text);
  if (!*text) co_return std::nullopt;
  auto stored = decode<StoredScript>(**text);
  CO_CHECK(stored);
  co_return std::move(*stored);
}

Task<Result<std::optional<StoredScript>>> load_script(store::MetaStore& meta, Scope scope,
                                                      std::string name) {
  co_return co_await load_record<StoredScript>(meta, keys::script(scope, name));
}

Task<Result<void>> require_script(Change& change, std::string account_id, std::string script) {
  std::string key = keys::script({account_id, ""}, script);
  auto stored = co_await change.read(key);
  CO_CHECK(stored);
  if (!*stored) co_return fail(invalid_input("there is no Worker named '" + script + "'"));
  change.put(key, std::move(**stored));
  co_return Result<void>();
}

void write_script(Change& change, const StoredScript& after, const Script* before) {
  const Script& script = after.script;
  change.put(keys::script(script.scope, script.name), encode(after));
  write_tags(change, script, script.tags, before ? before->tags : std::vector<std::string>());
  if (before == nullptr) {
    change.put(keys::script_tag(script.scope.account_id, script.tag),
               encode(Pointer{script.scope, script.name}));
  }
}

void write_version(Change& change, const Script& script, const Version& version,
                   const Secrets& secrets) {
  change.put(keys::version(script.tag, version.id), encode(version));
  change.put(keys::version_order(script.tag) + keys::newest_first(version.number), version.id);
  if (!secrets.empty()) change.put(keys::secrets(script.tag, version.id), encode(secrets));
  for (const std::string& blob : {version.content.bundle_id, version.content.code_cache_id}) {
    if (blob.empty()) continue;
    change.put(user_of(blob, script, version), "");
    change.remove(keys::idle_blobs() + blob);
  }
}

void erase_version(Change& change, const Script& script, const Version& version) {
  change.remove(keys::version(script.tag, version.id));
  change.remove(keys::version_order(script.tag) + keys::newest_first(version.number));
  change.remove(keys::secrets(script.tag, version.id));
  for (const std::string& blob : {version.content.bundle_id, version.content.code_cache_id}) {
    if (blob.empty()) continue;
    change.remove(user_of(blob, script, version));
    change.put(keys::idle_blobs() + blob, "");  // perhaps: others may use the same bytes
  }
}

void write_deployment(Change& change, StoredScript& stored, const Deployment& deployment) {
  std::string place = keys::newest_first(++stored.deployments_made);
  change.put(keys::deployments(stored.script.tag) + place, encode(deployment));
  change.put(keys::deployment_ids(stored.script.tag) + deployment.id, place);
  stored.script.active = deployment;
}

Task<Result<void>> prune(Change& change, store::MetaStore& meta, const StoredScript& stored) {
  const Script& script = stored.script;
  if (script.latest_version_number > kKeptVersions) {
    std::string order = keys::version_order(script.tag);
    auto old = co_await meta.scan(
        order, order + keys::newest_first(script.latest_version_number - kKeptVersions + 1),
        kPrunedAtOnce);
    CO_CHECK(old);
    for (const auto& place : *old) {
      const std::string& id = place.value;
      bool used = script.active &&
                  std::any_of(script.active->versions.begin(), script.active->versions.end(),
                              [&](const auto& share) { return share.version_id == id; });
      if (used) continue;
      auto text = co_await change.read(keys::version(script.tag, id));
      CO_CHECK(text);
      if (!*text) continue;
      auto version = decode<Version>(**text);
      CO_CHECK(version);
      erase_version(change, script, *version);
    }
  }
  if (stored.deployments_made > kKeptDeployments) {
    std::string order = keys::deployments(script.tag);
    auto old = co_await meta.scan(
        order, order + keys::newest_first(stored.deployments_made - kKeptDeployments + 1),
        kPrunedAtOnce);
    CO_CHECK(old);
    for (const auto& record : *old) {
      auto deployment = decode<Deployment>(record.value);
      CO_CHECK(deployment);
      change.remove(record.key);
      change.remove(keys::deployment_ids(script.tag) + deployment->id);
    }
  }
  co_return Result<void>();
}

Task<Result<void>> count(Change& change, Scope scope, std::string name, int difference) {
  if (scope.account_level()) co_return Result<void>();
  std::string key = keys::script_count(scope.namespace_id, name);
  auto text = co_await change.read(key);
  CO_CHECK(text);
  std::int64_t scripts = 0;
  if (*text) std::from_chars((*text)->data(), (*text)->data() + (*text)->size(), scripts);
  change.put(key, std::to_string(scripts + difference));
  co_return Result<void>();
}

Script::Summary summary_of(const Version& version) {
  const VersionContent& content = version.content;
  return {.version_id = version.id,
          .etag = content.etag,
          .handlers = content.handlers,
          .named_handlers = content.named_handlers,
          .compatibility_date = content.compatibility_date,
          .compatibility_flags = content.compatibility_flags,
          .usage_model = content.usage_model,
          .limits = content.limits,
          .format = content.format,
          .has_assets = content.has_assets,
          .startup_time_ms = content.startup_time_ms};
}

const Deployment::Share& larger_share(const Deployment& deployment) {
  return *std::max_element(
      deployment.versions.begin(), deployment.versions.end(),
      [](const auto& left, const auto& right) { return left.percentage < right.percentage; });
}

bool has_secrets(const VersionContent& content) {
  return std::any_of(content.bindings.begin(), content.bindings.end(), [](const Binding& binding) {
    return binding.type == "secret_text" || binding.type == "secret_key";
  });
}

Task<Result<VersionWithSecrets>> load_version(store::MetaStore& meta, std::string script_tag,
                                              std::string version_id) {
  auto version = co_await load_record<Version>(meta, keys::version(script_tag, version_id));
  CO_CHECK(version);
  if (!*version) co_return fail(not_found("there is no version " + version_id));
  VersionWithSecrets loaded{std::move(**version), {}};
  if (has_secrets(loaded.version.content)) {
    auto secrets = co_await load_record<Secrets>(meta, keys::secrets(script_tag, version_id));
    CO_CHECK(secrets);
    if (*secrets) loaded.secrets = std::move(**secrets);
  }
  co_return loaded;
}

Result<void> check_shares(const std::vector<Deployment::Share>& versions) {
  if (versions.empty() || versions.size() > 2) {
    return fail(invalid_input("a deployment has one or two versions"));
  }
  double sum = 0;
  for (const auto& share : versions) {
    if (!(share.percentage >= 0 && share.percentage <= 100)) {
      return fail(invalid_input("a version's percentage lies between 0 and 100"));
    }
    sum += share.percentage;
  }
  if (std::abs(sum - 100) > 0.001) {
    return fail(invalid_input("the percentages of a deployment's versions must sum to 100"));
  }
  if (versions.size() == 2 && versions[0].version_id == versions[1].version_id) {
    return fail(invalid_input("a deployment names the same version twice"));
  }
  return {};
}

}  // namespace atoll::scripts
