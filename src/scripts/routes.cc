#include "scripts/routes.h"

#include <algorithm>

#include "base/random.h"
#include "scripts/change.h"
#include "scripts/encoding.h"
#include "scripts/keys.h"
#include "scripts/load.h"
#include "scripts/script_store.h"

namespace atoll::scripts {
namespace {

constexpr std::size_t kMaxPatternBytes = 2048;

Result<void> check_pattern(const std::string& pattern) {
  if (pattern.empty() || pattern.size() > kMaxPatternBytes) {
    return fail(
        invalid_input("a route pattern has 1 to " + std::to_string(kMaxPatternBytes) + " bytes"));
  }
  return {};
}

std::string key_of(const Route& route) {
  return keys::routes_of_zone(route.zone_id) + keys::escape(route.id);
}

std::string script_index_of(const Route& route) {
  return keys::routes_of_script(route.account_id, route.script) + keys::escape(route.id);
}

void write_route(Change& change, const Route& route) {
  change.put(key_of(route), encode(route));
  change.put(keys::route_pattern(route.zone_id, route.pattern), route.id);
  if (!route.script.empty()) change.put(script_index_of(route), route.zone_id);
}

void erase_route(Change& change, const Route& route) {
  change.remove(key_of(route));
  change.remove(keys::route_pattern(route.zone_id, route.pattern));
  if (!route.script.empty()) change.remove(script_index_of(route));
}

// As require_script(), for the zone.
Task<Result<Zone>> require_zone(Change& change, std::string zone_id) {
  std::string key = keys::zone(zone_id);
  auto stored = co_await change.read(key);
  CO_CHECK(stored);
  if (!*stored) co_return fail(not_found("there is no such zone"));
  change.put(key, **stored);
  co_return decode<Zone>(**stored);
}

// The routes that the index of a script names.
Task<Result<std::vector<Route>>> routes_of(Change& change, std::string account_id,
                                           std::string script) {
  std::string prefix = keys::routes_of_script(account_id, script);
  auto places = co_await change.read_all(prefix);
  CO_CHECK(places);
  std::vector<Route> routes;
  for (const auto& place : *places) {
    auto stored =
        co_await change.read(keys::routes_of_zone(place.value) + place.key.substr(prefix.size()));
    CO_CHECK(stored);
    if (!*stored) continue;  // overtaken: the commit will tell
    auto route = decode<Route>(**stored);
    CO_CHECK(route);
    routes.push_back(std::move(*route));
  }
  co_return routes;
}

}  // namespace

Task<Result<Route>> Routes::put(Route route) {
  auto fits = check_pattern(route.pattern);
  CO_CHECK(fits);
  bool replacing = !route.id.empty();
  if (!replacing) route.id = random_hex(16);
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto zone = co_await require_zone(change, route.zone_id);
    CO_CHECK(zone);
    route.account_id = zone->account_id;
    if (!route.script.empty()) {
      auto exists = co_await require_script(change, route.account_id, route.script);
      CO_CHECK(exists);
    }
    if (replacing) {
      auto stored = co_await change.read(key_of(route));
      CO_CHECK(stored);
      if (!*stored) co_return fail(not_found("there is no such route"));
      auto before = decode<Route>(**stored);
      CO_CHECK(before);
      erase_route(change, *before);
    }
    auto owner = co_await change.read(keys::route_pattern(route.zone_id, route.pattern));
    CO_CHECK(owner);
    if (*owner && **owner != route.id) {
      co_return fail(name_taken("a route with the pattern '" + route.pattern + "' exists already"));
    }
    write_route(change, route);
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (!*committed) continue;
    co_await backing_.events.on_routes_changed();
    co_return route;
  }
  co_return fail(overtaken());
}

Task<Result<std::optional<Route>>> Routes::find(std::string zone_id, std::string id) {
  co_return co_await load_record<Route>(backing_.meta,
                                        keys::routes_of_zone(zone_id) + keys::escape(id));
}

Task<Result<std::vector<Route>>> Routes::list(std::string zone_id) {
  co_return co_await load_all<Route>(backing_.meta, keys::routes_of_zone(zone_id));
}

Task<Result<std::vector<Route>>> Routes::list_for_script(std::string account_id,
                                                         std::string script) {
  Change reading(backing_.meta);
  co_return co_await routes_of(reading, account_id, script);
}

Task<Result<std::vector<Route>>> Routes::list_all() {
  co_return co_await load_all<Route>(backing_.meta, keys::routes());
}

Task<Result<void>> Routes::remove(std::string zone_id, std::string id) {
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto stored = co_await change.read(keys::routes_of_zone(zone_id) + keys::escape(id));
    CO_CHECK(stored);
    if (!*stored) co_return fail(not_found("there is no such route"));
    auto route = decode<Route>(**stored);
    CO_CHECK(route);
    erase_route(change, *route);
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (!*committed) continue;
    co_await backing_.events.on_routes_changed();
    co_return Result<void>();
  }
  co_return fail(overtaken());
}

Task<Result<std::vector<Route>>> Routes::replace_for_script(std::string account_id,
                                                            std::string script,
                                                            std::vector<Target> targets) {
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto exists = co_await require_script(change, account_id, script);
    CO_CHECK(exists);
    auto before = co_await routes_of(change, account_id, script);
    CO_CHECK(before);

    std::vector<Route> after;
    for (const Target& target : targets) {
      auto fits = check_pattern(target.pattern);
      CO_CHECK(fits);
      auto same = [&](const Route& route) {
        return route.zone_id == target.zone_id && route.pattern == target.pattern;
      };
      if (std::any_of(after.begin(), after.end(), same)) continue;
      auto kept = std::find_if(before->begin(), before->end(), same);
      if (kept != before->end()) {
        after.push_back(*kept);
        continue;
      }
      auto zone = co_await require_zone(change, target.zone_id);
      CO_CHECK(zone);
      auto owner = co_await change.read(keys::route_pattern(target.zone_id, target.pattern));
      CO_CHECK(owner);
      if (zone->account_id != account_id) co_return fail(not_found("there is no such zone"));
      if (*owner) {
        co_return fail(
            name_taken("a route with the pattern '" + target.pattern + "' exists already"));
      }
      after.push_back({random_hex(16), target.zone_id, account_id, target.pattern, script});
      write_route(change, after.back());
    }
    for (const Route& route : *before) {
      bool stays = std::any_of(after.begin(), after.end(),
                               [&](const Route& other) { return other.id == route.id; });
      if (!stays) erase_route(change, route);
    }
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (!*committed) continue;
    co_await backing_.events.on_routes_changed();
    co_return after;
  }
  co_return fail(overtaken());
}

}  // namespace atoll::scripts
