#include "scripts/scripts.h"

#include <algorithm>

#include "scripts/keys.h"
#include "scripts/load.h"
#include "scripts/script_store.h"

namespace atoll::scripts {
namespace {

constexpr unsigned kMaxListed = 1000;

// The scripts of `scope` after a key, in byte order of their names: all, or those with a tag.
struct ScannedScripts {
  std::vector<Script> scripts;
  std::string last_key;
  bool last = false;
};

Task<Result<ScannedScripts>> scan_scripts(store::MetaStore& meta, Scope scope, std::string tag,
                                          std::string after_key, unsigned limit) {
  bool by_tag = !tag.empty();
  std::string prefix = by_tag ? keys::scripts_tagged(scope, tag) : keys::scripts_in(scope);
  auto records = co_await meta.scan(prefix, after_key, limit);
  CO_CHECK(records);
  ScannedScripts page;
  page.last = records->size() < limit;
  for (const auto& record : *records) {
    page.last_key = record.key;
    std::string script_key = keys::scripts_in(scope) + record.key.substr(prefix.size());
    std::optional<std::string> text = record.value;
    if (by_tag) {
      auto loaded = co_await load(meta, script_key);
      CO_CHECK(loaded);
      text = std::move(*loaded);
    }
    if (!text) continue;  // deleted since
    auto stored = decode<StoredScript>(*text);
    CO_CHECK(stored);
    page.scripts.push_back(std::move(stored->script));
  }
  co_return page;
}

// What only this room may change stays as it was.
StoredScript edited(const StoredScript& before, Script wish) {
  StoredScript after = before;
  after.script.tags = std::move(wish.tags);
  after.script.settings = std::move(wish.settings);
  after.script.modified_on = wall_now();
  return after;
}

Task<Result<void>> erase_routes(Change& change, Script script) {
  const std::string& account = script.scope.account_id;
  std::string route_prefix = keys::routes_of_script(account, script.name);
  auto routes = co_await change.read_all(route_prefix);
  CO_CHECK(routes);
  for (const auto& place : *routes) {
    std::string key = keys::routes_of_zone(place.value) + place.key.substr(route_prefix.size());
    auto text = co_await change.read(key);
    CO_CHECK(text);
    if (!*text) continue;
    auto route = decode<Route>(**text);
    CO_CHECK(route);
    change.remove(key);
    change.remove(place.key);
    change.remove(keys::route_pattern(route->zone_id, route->pattern));
  }
  std::string domain_prefix = keys::domains_of_script(account, script.name);
  auto domains = co_await change.read_all(domain_prefix);
  CO_CHECK(domains);
  for (const auto& place : *domains) {
    std::string key = keys::domains_of(account) + place.key.substr(domain_prefix.size());
    auto text = co_await change.read(key);
    CO_CHECK(text);
    if (!*text) continue;
    auto domain = decode<CustomDomain>(**text);
    CO_CHECK(domain);
    change.remove(key);
    change.remove(place.key);
    change.remove(keys::domain_hostname(domain->hostname));
  }
  co_return Result<void>();
}

Task<Result<void>> erase_script(Change& change, Script script) {
  auto versions = co_await change.read_all(keys::versions(script.tag));
  CO_CHECK(versions);
  for (const auto& record : *versions) {
    auto version = decode<Version>(record.value);
    CO_CHECK(version);
    erase_version(change, script, *version);
  }
  for (std::string prefix : {keys::deployments(script.tag), keys::deployment_ids(script.tag)}) {
    auto records = co_await change.read_all(prefix);
    CO_CHECK(records);
    for (const auto& record : *records) change.remove(record.key);
  }
  for (const std::string& tag : script.tags) {
    change.remove(keys::scripts_tagged(script.scope, tag) + keys::escape(script.name));
  }
  change.remove(keys::script_tag(script.scope.account_id, script.tag));
  change.remove(keys::script(script.scope, script.name));
  if (script.scope.account_level()) co_return co_await erase_routes(change, script);
  co_return co_await count(change, script.scope, script.name, -1);
}

}  // namespace

Task<Result<Script>> Scripts::update(Scope scope, std::string name, Edit edit) {
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto found = co_await read_script(change, scope, name);
    CO_CHECK(found);
    if (!*found) co_return fail(no_such_script(scope, name));
    Script wish = (*found)->script;
    auto done = edit(wish);
    CO_CHECK(done);
    auto tags = check_tags(std::move(wish.tags));
    CO_CHECK(tags);
    wish.tags = std::move(*tags);
    StoredScript after = edited(**found, std::move(wish));
    write_script(change, after, &(*found)->script);
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (!*committed) continue;
    co_await backing_.events.on_script_changed(scope, name);
    bool other_routes =
        (*found)->script.settings.subdomain_enabled != after.script.settings.subdomain_enabled;
    if (scope.account_level() && other_routes) co_await backing_.events.on_routes_changed();
    co_return after.script;
  }
  co_return fail(overtaken());
}

Task<Result<std::optional<Script>>> Scripts::find(Scope scope, std::string name) {
  auto stored = co_await load_script(backing_.meta, scope, name);
  CO_CHECK(stored);
  if (!*stored) co_return std::nullopt;
  co_return std::move((*stored)->script);
}

Task<Result<std::optional<Script>>> Scripts::find_by_tag(std::string account_id, std::string tag) {
  auto pointer = co_await load_record<Pointer>(backing_.meta, keys::script_tag(account_id, tag));
  CO_CHECK(pointer);
  if (!*pointer) co_return std::nullopt;
  co_return co_await find((*pointer)->scope, (*pointer)->name);
}

Task<Result<Scripts::Page>> Scripts::list(Scope scope, Query query) {
  unsigned limit = std::clamp(query.limit, 1u, kMaxListed);
  std::string tag = query.filter.required().empty() ? "" : query.filter.required().front();
  std::string after_key;
  if (!query.after.empty()) {
    after_key = (tag.empty() ? keys::scripts_in(scope) : keys::scripts_tagged(scope, tag)) +
                keys::escape(query.after);
  }
  Page page;
  while (true) {
    auto scanned = co_await scan_scripts(backing_.meta, scope, tag, after_key, limit + 1);
    CO_CHECK(scanned);
    for (auto& script : scanned->scripts) {
      if (!query.filter.matches(script.tags)) continue;
      if (page.scripts.size() == limit) {
        page.complete = false;
        co_return page;
      }
      page.scripts.push_back(std::move(script));
    }
    if (scanned->last) co_return page;
    after_key = scanned->last_key;
  }
}

Task<Result<ActiveScript>> Scripts::load_active(Scope scope, std::string name) {
  for (Attempts attempts; attempts.next();) {
    auto stored = co_await load_script(backing_.meta, scope, name);
    CO_CHECK(stored);
    if (!*stored) co_return fail(no_such_script(scope, name));
    ActiveScript active{std::move((*stored)->script), {}};
    if (!active.script.active) {
      co_return fail(not_found("the Worker '" + name + "' has no deployment"));
    }
    bool overtaken_meanwhile = false;
    for (const auto& share : active.script.active->versions) {
      auto version = co_await load_version(backing_.meta, active.script.tag, share.version_id);
      // Versions of a deployment stay: a missing one belongs to a deployment that has ended since.
      if (!version && version.error().kind() == ErrorKind::NotFound) {
        overtaken_meanwhile = true;
        break;
      }
      CO_CHECK(version);
      active.versions.push_back(std::move(*version));
    }
    if (!overtaken_meanwhile) co_return active;
  }
  co_return fail(overtaken());
}

Task<Result<VersionWithSecrets>> Scripts::load_version_with_secrets(Scope scope, std::string name,
                                                                    std::string version_id) {
  auto stored = co_await load_script(backing_.meta, scope, name);
  CO_CHECK(stored);
  if (!*stored) co_return fail(no_such_script(scope, name));
  co_return co_await load_version(backing_.meta, (*stored)->script.tag, version_id);
}

Task<Result<std::optional<Version>>> Scripts::find_version(Scope scope, std::string name,
                                                           std::string version_id) {
  auto stored = co_await load_script(backing_.meta, scope, name);
  CO_CHECK(stored);
  if (!*stored) co_return std::nullopt;
  co_return co_await load_record<Version>(backing_.meta,
                                          keys::version((*stored)->script.tag, version_id));
}

Task<Result<Scripts::VersionPage>> Scripts::list_versions(Scope scope, std::string name,
                                                          unsigned skip, unsigned limit) {
  auto stored = co_await load_script(backing_.meta, scope, name);
  CO_CHECK(stored);
  if (!*stored) co_return fail(no_such_script(scope, name));
  const std::string& tag = (*stored)->script.tag;
  auto order = co_await scan_all(backing_.meta, keys::version_order(tag));
  CO_CHECK(order);
  VersionPage page;
  page.total = order->size();
  for (std::size_t i = skip; i < order->size() && page.versions.size() < limit; ++i) {
    auto version =
        co_await load_record<Version>(backing_.meta, keys::version(tag, (*order)[i].value));
    CO_CHECK(version);
    if (*version) page.versions.push_back(std::move(**version));
  }
  co_return page;
}

Task<Result<std::vector<Deployment>>> Scripts::list_deployments(Scope scope, std::string name) {
  auto stored = co_await load_script(backing_.meta, scope, name);
  CO_CHECK(stored);
  if (!*stored) co_return fail(no_such_script(scope, name));
  co_return co_await load_all<Deployment>(backing_.meta, keys::deployments((*stored)->script.tag));
}

Task<Result<std::optional<Deployment>>> Scripts::find_deployment(Scope scope, std::string name,
                                                                 std::string deployment_id) {
  auto stored = co_await load_script(backing_.meta, scope, name);
  CO_CHECK(stored);
  if (!*stored) co_return std::nullopt;
  const std::string& tag = (*stored)->script.tag;
  auto place =
      co_await load(backing_.meta, keys::deployment_ids(tag) + keys::escape(deployment_id));
  CO_CHECK(place);
  if (!*place) co_return std::nullopt;
  co_return co_await load_record<Deployment>(backing_.meta, keys::deployments(tag) + **place);
}

Task<Result<void>> Scripts::delete_deployment(Scope scope, std::string name,
                                              std::string deployment_id) {
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto found = co_await read_script(change, scope, name);
    CO_CHECK(found);
    if (!*found) co_return fail(no_such_script(scope, name));
    const Script& script = (*found)->script;
    std::string id_key = keys::deployment_ids(script.tag) + keys::escape(deployment_id);
    auto place = co_await change.read(id_key);
    CO_CHECK(place);
    if (!*place) co_return fail(not_found("there is no deployment " + deployment_id));
    if (script.active && script.active->id == deployment_id) {
      co_return fail(name_taken("the active deployment cannot be deleted"));
    }
    change.remove(id_key);
    change.remove(keys::deployments(script.tag) + **place);
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (*committed) co_return Result<void>();
  }
  co_return fail(overtaken());
}

Task<Result<void>> Scripts::remove(Scope scope, std::string name) {
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto found = co_await read_script(change, scope, name);
    CO_CHECK(found);
    if (!*found) co_return fail(no_such_script(scope, name));
    auto erased = co_await erase_script(change, (*found)->script);
    CO_CHECK(erased);
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (!*committed) continue;
    co_await backing_.events.on_script_changed(scope, name);
    if (scope.account_level()) co_await backing_.events.on_routes_changed();
    co_return Result<void>();
  }
  co_return fail(overtaken());
}

Task<Result<std::vector<std::string>>> Scripts::delete_all(Scope scope, TagFilter filter) {
  std::vector<std::string> removed;
  Query query{.filter = std::move(filter), .after = "", .limit = kMaxListed};
  while (true) {
    auto page = co_await list(scope, query);
    CO_CHECK(page);
    for (const Script& script : page->scripts) {
      auto gone = co_await remove(scope, script.name);
      if (!gone && gone.error().kind() == ErrorKind::NotFound) continue;  // somebody else's doing
      CO_CHECK(gone);
      removed.push_back(script.name);
    }
    if (page->complete) co_return removed;
    query.after = page->scripts.back().name;
  }
}

}  // namespace atoll::scripts
