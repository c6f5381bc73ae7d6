#include "sandbox/supervisor/route_table.h"

#include "dispatch/routing/route_pattern.h"

namespace atoll::sandbox {
namespace {

constexpr unsigned kPage = 1000;

template <typename Routes>
void add(Routes& routes, std::string id, std::string pattern, std::string account_id,
         std::string script) {
  PlatformRoute route{std::move(id), std::move(pattern), std::move(account_id), std::move(script)};
  routes.insert_or_assign(route.id, route);
}

RouteChanges difference(const std::map<std::string, PlatformRoute>& before,
                        const std::map<std::string, PlatformRoute>& after) {
  RouteChanges changes;
  for (const auto& [id, route] : after) {
    auto old = before.find(id);
    if (old == before.end() || old->second != route) changes.upserts.push_back(route);
  }
  for (const auto& [id, route] : before) {
    if (!after.contains(id)) changes.removed.push_back(id);
  }
  return changes;
}

}  // namespace

RouteTable::RouteTable(scripts::Registry& registry, std::string domain)
    : registry_(registry), domain_(std::move(domain)) {}

Task<Result<RouteChanges>> RouteTable::refresh() {
  Routes fresh;
  auto zones = co_await add_zone_routes(fresh);
  CO_CHECK(zones);
  auto domains = co_await add_custom_domains(fresh);
  CO_CHECK(domains);
  auto hostnames = co_await add_hostnames(fresh);
  CO_CHECK(hostnames);
  RouteChanges changes = difference(routes_, fresh);
  routes_ = std::move(fresh);
  co_return changes;
}

Task<Result<void>> RouteTable::add_zone_routes(Routes& routes) {
  auto all = co_await registry_.routes.list_all();
  CO_CHECK(all);
  std::map<std::string, std::string> zone_names;
  for (const scripts::Route& route : *all) {
    auto [name, unknown] = zone_names.try_emplace(route.zone_id);
    if (unknown) {
      auto zone = co_await registry_.accounts.find_zone(route.zone_id);
      CO_CHECK(zone);
      if (*zone) name->second = (*zone)->name;
    }
    int part = 0;
    for (std::string& pattern : dispatch::patterns_within_zone(route.pattern, name->second)) {
      add(routes, "route:" + route.id + "/" + std::to_string(part++), std::move(pattern),
          route.account_id, route.script);
    }
  }
  co_return Result<void>();
}

Task<Result<void>> RouteTable::add_custom_domains(Routes& routes) {
  auto all = co_await registry_.routes.list_all_domains();
  CO_CHECK(all);
  for (const scripts::CustomDomain& domain : *all) {
    if (!domain.enabled) continue;
    add(routes, "domain:" + domain.id, domain.hostname + "/*", domain.account_id, domain.script);
  }
  co_return Result<void>();
}

Task<Result<void>> RouteTable::add_hostnames(Routes& routes) {
  std::map<std::string, scripts::Script> holders;  // of <script>.<domain>
  auto accounts = co_await registry_.accounts.list_accounts();
  CO_CHECK(accounts);
  for (const scripts::Account& account : *accounts) {
    scripts::Scripts::Query query;
    query.limit = kPage;
    for (bool complete = false; !complete;) {
      auto page = co_await registry_.scripts.list({account.id, ""}, query);
      CO_CHECK(page);
      for (const scripts::Script& script : page->scripts) {
        if (!script.settings.subdomain_enabled) continue;
        if (!account.subdomain.empty()) {
          add(routes, "subdomain:" + account.id + "/" + script.name,
              script.name + "." + account.subdomain + "." + domain_ + "/*", account.id,
              script.name);
        }
        auto [holder, first] = holders.try_emplace(script.name, script);
        if (!first && script.created_on < holder->second.created_on) holder->second = script;
      }
      complete = page->complete || page->scripts.empty();
      if (!complete) query.after = page->scripts.back().name;
    }
  }
  for (const auto& [name, script] : holders) {
    add(routes, "hostname:" + name, name + "." + domain_ + "/*", script.scope.account_id, name);
  }
  co_return Result<void>();
}

}  // namespace atoll::sandbox
