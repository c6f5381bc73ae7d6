// How code gets into a script: blobs, versions, deployments.
#include <algorithm>
#include <set>

#include "base/random.h"
#include "crypto/digest.h"
#include "scripts/keys.h"
#include "scripts/load.h"
#include "scripts/script_store.h"
#include "scripts/scripts.h"

namespace atoll::scripts {
namespace {

bool is_secret(const Binding& binding) {
  return binding.type == "secret_text" || binding.type == "secret_key";
}

Result<void> check_bindings(const std::vector<Binding>& bindings, const Secrets& secrets) {
  std::set<std::string_view> names;
  std::size_t secret_bindings = 0;
  for (const Binding& binding : bindings) {
    if (binding.name.empty()) return fail(invalid_input("a binding has no name"));
    if (!names.insert(binding.name).second) {
      return fail(invalid_input("two bindings are named '" + binding.name + "'"));
    }
    if (!is_secret(binding)) continue;
    ++secret_bindings;
    if (!secrets.contains(binding.name)) {
      return fail(invalid_input("the secret '" + binding.name + "' has no value"));
    }
    for (const char* member : {"text", "key_base64", "key_jwk"}) {
      if (binding.details.contains(member)) {
        return fail(internal_error("a secret would be stored among the bindings"));
      }
    }
  }
  if (secrets.size() != secret_bindings) {
    return fail(invalid_input("a secret value belongs to no secret binding"));
  }
  return {};
}

// The dispatch namespace must exist when the change commits.
Task<Result<void>> require_scope(Change& change, Scope scope) {
  if (scope.account_level()) co_return Result<void>();
  auto text = co_await change.read(keys::dispatch_namespace_id(scope.namespace_id));
  CO_CHECK(text);
  if (*text) {
    auto pointer = decode<Pointer>(**text);
    CO_CHECK(pointer);
    if (pointer->scope.account_id == scope.account_id) co_return Result<void>();
  }
  co_return fail(not_found("there is no such dispatch namespace"));
}

Task<Result<void>> require_blob(Change& change, std::string id) {
  if (id.empty()) co_return Result<void>();
  auto stored = co_await change.read(keys::blob(id));
  CO_CHECK(stored);
  if (!*stored) co_return fail(not_found("the code " + id + " is not stored"));
  co_return Result<void>();
}

Task<Result<ScriptState>> load_state_of(store::MetaStore& meta, Script script) {
  auto latest = co_await load_version(meta, script.tag, script.latest_version_id);
  CO_CHECK(latest);
  ScriptState state{std::move(script), std::move(*latest), {}};
  if (state.script.active) {
    const std::string& id = larger_share(*state.script.active).version_id;
    if (id == state.latest.version.id) {
      state.deployed = state.latest;
    } else {
      auto deployed = co_await load_version(meta, state.script.tag, id);
      CO_CHECK(deployed);
      state.deployed = std::move(*deployed);
    }
  }
  co_return state;
}

// What `publication` makes of the script. `stored` is the script before, or a new one.
Published apply(Publication publication, StoredScript& stored) {
  WallTime now = wall_now();
  Script& script = stored.script;
  Version version{.id = random_uuid(),
                  .number = script.latest_version_number + 1,
                  .created_on = now,
                  .source = std::move(publication.source),
                  .author = std::move(publication.author),
                  .annotations = std::move(publication.annotations),
                  .content = std::move(publication.content)};
  script.tags = std::move(publication.tags);
  script.settings = std::move(publication.settings);
  script.modified_on = now;
  script.latest_version_id = version.id;
  script.latest_version_number = version.number;
  if (!script.active || publication.deploy_with_annotations) script.summary = summary_of(version);
  return {script, std::move(version), false};
}

}  // namespace

Task<Result<std::string>> Scripts::store_blob(std::string bytes) {
  // The marks come first: bytes without them would never be collected.
  std::string id = crypto::sha256_hex(bytes);
  store::MetaStore::Transaction mark;
  mark.writes.push_back({keys::blob(id), ""});
  mark.writes.push_back({keys::idle_blobs() + id, ""});
  auto marked = co_await backing_.meta.commit(std::move(mark));
  CO_CHECK(marked);
  co_return co_await backing_.blobs.put(std::move(bytes));
}

Task<Result<std::string>> Scripts::load_blob(std::string id) {
  co_return co_await backing_.blobs.get(std::move(id));
}

Task<Result<UniqueFd>> Scripts::open_blob(std::string id) {
  co_return co_await backing_.blobs.open(std::move(id));
}

Task<Result<Published>> Scripts::publish_version(Scope scope, std::string name, Compose compose) {
  auto named = check_script_name(scope, name);
  CO_CHECK(named);
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto placed = co_await require_scope(change, scope);
    CO_CHECK(placed);
    auto found = co_await read_script(change, scope, name);
    CO_CHECK(found);
    std::optional<ScriptState> state;
    if (*found) {
      auto loaded = co_await load_state_of(backing_.meta, (*found)->script);
      // A version that the script names can only be missing when somebody has changed the script.
      if (!loaded && loaded.error().kind() == ErrorKind::NotFound) continue;
      CO_CHECK(loaded);
      state = std::move(*loaded);
    }

    auto publication = compose(state ? &*state : nullptr);
    CO_CHECK(publication);
    auto bound = check_bindings(publication->content.bindings, publication->secrets);
    CO_CHECK(bound);
    auto tags = check_tags(std::move(publication->tags));
    CO_CHECK(tags);
    publication->tags = std::move(*tags);
    auto has_code = co_await require_blob(change, publication->content.bundle_id);
    CO_CHECK(has_code);
    auto has_cache = co_await require_blob(change, publication->content.code_cache_id);
    CO_CHECK(has_cache);

    StoredScript stored;
    if (*found) {
      stored = **found;
    } else {
      stored.script.scope = scope;
      stored.script.name = name;
      stored.script.tag = random_hex(16);
      stored.script.created_on = wall_now();
    }
    const Secrets secrets = std::move(publication->secrets);
    const std::optional<Json> deploy = publication->deploy_with_annotations;
    Published published = apply(std::move(*publication), stored);
    published.created = !*found;
    if (deploy) {
      write_deployment(change, stored,
                       {.id = random_uuid(),
                        .versions = {{published.version.id, 100}},
                        .source = published.version.source,
                        .author = published.version.author,
                        .annotations = *deploy,
                        .created_on = published.version.created_on});
    }
    published.script = stored.script;
    write_version(change, stored.script, published.version, secrets);
    write_script(change, stored, state ? &state->script : nullptr);
    if (published.created) {
      auto counted = co_await count(change, scope, name, +1);
      CO_CHECK(counted);
    }
    auto pruned = co_await prune(change, backing_.meta, stored);
    CO_CHECK(pruned);

    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (!*committed) continue;
    co_await backing_.events.on_script_changed(scope, name);
    bool other_routes = published.created || state->script.settings.subdomain_enabled !=
                                                 stored.script.settings.subdomain_enabled;
    if (scope.account_level() && other_routes) co_await backing_.events.on_routes_changed();
    co_return published;
  }
  co_return fail(overtaken());
}

Task<Result<std::optional<ScriptState>>> Scripts::load_state(Scope scope, std::string name) {
  for (Attempts attempts; attempts.next();) {
    auto stored = co_await load_script(backing_.meta, scope, name);
    CO_CHECK(stored);
    if (!*stored) co_return std::nullopt;
    auto state = co_await load_state_of(backing_.meta, (*stored)->script);
    if (!state && state.error().kind() == ErrorKind::NotFound) continue;
    CO_CHECK(state);
    co_return std::move(*state);
  }
  co_return fail(overtaken());
}

Task<Result<Deployment>> Scripts::create_deployment(Scope scope, std::string name,
                                                    DeploymentDraft draft) {
  auto shares = check_shares(draft.versions);
  CO_CHECK(shares);
  Deployment deployment{.id = random_uuid(),
                        .versions = std::move(draft.versions),
                        .source = std::move(draft.source),
                        .author = std::move(draft.author),
                        .annotations = std::move(draft.annotations),
                        .created_on = wall_now()};
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto found = co_await read_script(change, scope, name);
    CO_CHECK(found);
    if (!*found) co_return fail(no_such_script(scope, name));
    StoredScript stored = **found;
    for (const auto& share : deployment.versions) {
      auto text = co_await change.read(keys::version(stored.script.tag, share.version_id));
      CO_CHECK(text);
      if (!*text) {
        co_return fail(invalid_input("there is no version " + share.version_id));
      }
      auto version = decode<Version>(**text);
      CO_CHECK(version);
      if (share.version_id == larger_share(deployment).version_id) {
        stored.script.summary = summary_of(*version);
      }
    }
    stored.script.modified_on = deployment.created_on;
    write_deployment(change, stored, deployment);
    write_script(change, stored, &(*found)->script);
    auto pruned = co_await prune(change, backing_.meta, stored);
    CO_CHECK(pruned);
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (!*committed) continue;
    co_await backing_.events.on_script_changed(scope, name);
    co_return deployment;
  }
  co_return fail(overtaken());
}

Task<Result<void>> Scripts::attach_code_cache(Scope scope, std::string name, std::string version_id,
                                              std::string bytes) {
  auto blob = co_await store_blob(std::move(bytes));
  CO_CHECK(blob);
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto stored = co_await load_script(backing_.meta, scope, name);
    CO_CHECK(stored);
    if (!*stored) co_return fail(no_such_script(scope, name));
    const Script& script = (*stored)->script;
    auto text = co_await change.read(keys::version(script.tag, version_id));
    CO_CHECK(text);
    if (!*text) co_return fail(not_found("there is no version " + version_id));
    auto version = decode<Version>(**text);
    CO_CHECK(version);
    auto secrets =
        co_await load_record<Secrets>(backing_.meta, keys::secrets(script.tag, version_id));
    CO_CHECK(secrets);
    erase_version(change, script, *version);
    version->content.code_cache_id = *blob;
    write_version(change, script, *version, *secrets ? **secrets : Secrets{});
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (*committed) co_return Result<void>();
  }
  co_return fail(overtaken());
}

Task<Result<std::uint64_t>> Scripts::collect_blobs() {
  std::string prefix = keys::idle_blobs();
  auto idle = co_await scan_all(backing_.meta, prefix);
  CO_CHECK(idle);
  std::uint64_t removed = 0;
  for (const auto& record : *idle) {
    std::string id = record.key.substr(prefix.size());
    auto users = co_await backing_.meta.scan(keys::blob_users(id), "", 1);
    CO_CHECK(users);
    store::MetaStore::Transaction settle;
    settle.writes.push_back({record.key, std::nullopt});
    if (users->empty()) {
      // The bytes go first: marks without bytes are harmless and settled next time.
      auto erased = co_await backing_.blobs.remove(id);
      CO_CHECK(erased);
      settle.writes.push_back({keys::blob(id), std::nullopt});
      ++removed;
    }
    auto settled = co_await backing_.meta.commit(std::move(settle));
    CO_CHECK(settled);
  }
  co_return removed;
}

}  // namespace atoll::scripts
