#include "management/resources/zone_routes.h"

#include "dispatch/routing/route_pattern.h"
#include "management/resources/script_place.h"
#include "management/resources/zone_lookup.h"
#include "management/resources/zones.h"

namespace atoll::management {
namespace {

constexpr std::string_view kCollection = "/zones/{zone_id}/workers/routes";
constexpr std::string_view kOne = "/zones/{zone_id}/workers/routes/{route_id}";

Json route_view(const scripts::Route& route) {
  Json view = {{"id", route.id}, {"pattern", route.pattern}};
  if (!route.script.empty()) view["script"] = route.script;
  return view;
}

Answer<dispatch::RoutePattern> read_pattern(const std::string& text) {
  auto pattern = dispatch::parse_route_pattern(text);
  if (!pattern) {
    return fail(ApiError(
        400, codes::kBadPattern,
        "Invalid route pattern \"" + text.substr(0, 200) + "\": " + pattern.error().message()));
  }
  return *std::move(pattern);
}

// The hostname whose zone the pattern needs; empty for `*`.
std::string zone_hostname(const dispatch::RoutePattern& pattern) {
  std::string host = pattern.host;
  if (host.starts_with('.')) host.erase(0, 1);
  return host;
}

// "*/*" stands for every host of its zone, so only hosts that are named must lie inside.
Answer<void> check_inside_zone(const dispatch::RoutePattern& pattern, const std::string& text,
                               const scripts::Zone& zone) {
  std::string host = zone_hostname(pattern);
  bool any = pattern.host_kind == dispatch::RoutePattern::Host::Any;
  if (any || host == zone.name || host.ends_with("." + zone.name)) return {};
  return fail(ApiError(
      400, codes::kBadPattern,
      "Route pattern \"" + text.substr(0, 200) + "\" does not belong to zone " + zone.name));
}

ApiError route_error(Error error) {
  if (error.kind() == ErrorKind::Conflict) {
    return {409, codes::kPatternTaken, error.message()};
  }
  if (error.kind() == ErrorKind::InvalidInput) {
    return {400, codes::kScriptMissing, error.message()};
  }
  return ApiError(std::move(error));
}

}  // namespace

void ZoneRoutes::add_routes(Router& router) {
  using R = ZoneRoutes;
  router.add("GET", kCollection, this, &R::list);
  router.add("POST", kCollection, this, &R::create);
  router.add("GET", kOne, this, &R::get);
  router.add("PUT", kOne, this, &R::replace);
  router.add("DELETE", kOne, this, &R::remove);
  router.add("GET", std::string(kAccountScript) + "/routes", this, &R::list_for_script);
  router.add("PUT", std::string(kAccountScript) + "/routes", this, &R::replace_for_script);
}

Task<Answer<Response>> ZoneRoutes::list(Call& call) {
  auto zone = co_await load_zone(pieces_.registry, call);
  CO_CHECK(zone);
  auto routes = co_await pieces_.registry.routes.list(zone->id);
  CO_CHECK(routes);
  Json rows = Json::array();
  for (const scripts::Route& route : *routes) rows.push_back(route_view(route));
  co_return ok(std::move(rows));
}

Task<Answer<scripts::Route>> ZoneRoutes::load(Call& call) {
  auto zone = co_await load_zone(pieces_.registry, call);
  CO_CHECK(zone);
  const std::string& id = call.parameter("route_id");
  auto route = co_await pieces_.registry.routes.find(zone->id, id);
  CO_CHECK(route);
  if (!*route) {
    co_return fail(ApiError(404, codes::kRouteMissing,
                            "Route " + id.substr(0, 64) + " does not exist in this zone"));
  }
  co_return **std::move(route);
}

Task<Answer<Response>> ZoneRoutes::save(Call& call, scripts::Zone zone, std::string route_id) {
  auto body = json_object_body(call);
  CO_CHECK(body);
  auto text = required_string(*body, "pattern");
  CO_CHECK(text);
  auto pattern = read_pattern(*text);
  CO_CHECK(pattern);
  auto inside = check_inside_zone(*pattern, *text, zone);
  CO_CHECK(inside);
  scripts::Route route;
  route.id = std::move(route_id);
  route.zone_id = zone.id;
  route.account_id = zone.account_id;
  route.pattern = *std::move(text);
  route.script = json_string(*body, "script");
  auto saved = co_await pieces_.registry.routes.put(std::move(route));
  if (!saved) co_return fail(route_error(std::move(saved.error())));
  co_return ok(route_view(*saved));
}

Task<Answer<Response>> ZoneRoutes::create(Call& call) {
  auto zone = co_await load_zone(pieces_.registry, call);
  CO_CHECK(zone);
  co_return co_await save(call, *std::move(zone), std::string());
}

Task<Answer<Response>> ZoneRoutes::get(Call& call) {
  auto route = co_await load(call);
  CO_CHECK(route);
  co_return ok(route_view(*route));
}

Task<Answer<Response>> ZoneRoutes::replace(Call& call) {
  auto route = co_await load(call);
  CO_CHECK(route);
  auto zone = co_await load_zone(pieces_.registry, call);
  CO_CHECK(zone);
  co_return co_await save(call, *std::move(zone), route->id);
}

Task<Answer<Response>> ZoneRoutes::remove(Call& call) {
  auto route = co_await load(call);
  CO_CHECK(route);
  auto removed = co_await pieces_.registry.routes.remove(route->zone_id, route->id);
  CO_CHECK(removed);
  co_return ok({{"id", route->id}});
}

Task<Answer<Response>> ZoneRoutes::list_for_script(Call& call) {
  auto script = co_await load_script(pieces_.registry, call);
  CO_CHECK(script);
  auto routes =
      co_await pieces_.registry.routes.list_for_script(script->scope.account_id, script->name);
  CO_CHECK(routes);
  Json rows = Json::array();
  for (const scripts::Route& route : *routes) rows.push_back(route_view(route));
  co_return ok(std::move(rows));
}

Task<Answer<scripts::Routes::Target>> ZoneRoutes::read_target(Call& call, Json entry) {
  if (entry.is_string()) entry = Json{{"pattern", entry}};
  auto text = required_string(entry, "pattern");
  CO_CHECK(text);
  auto pattern = read_pattern(*text);
  CO_CHECK(pattern);
  auto zone =
      co_await zone_for(pieces_.registry.accounts, call.identity, entry, zone_hostname(*pattern));
  CO_CHECK(zone);
  auto inside = check_inside_zone(*pattern, *text, *zone);
  CO_CHECK(inside);
  co_return scripts::Routes::Target{zone->id, *std::move(text)};
}

Task<Answer<Response>> ZoneRoutes::replace_for_script(Call& call) {
  auto script = co_await load_script(pieces_.registry, call);
  CO_CHECK(script);
  auto body = json_body(call);
  CO_CHECK(body);
  if (!body->is_array()) co_return fail(malformed("The request body must be an array of routes"));
  std::vector<scripts::Routes::Target> targets;
  for (const Json& entry : *body) {
    auto target = co_await read_target(call, entry);
    CO_CHECK(target);
    targets.push_back(*std::move(target));
  }
  auto routes = co_await pieces_.registry.routes.replace_for_script(
      script->scope.account_id, script->name, std::move(targets));
  if (!routes) co_return fail(route_error(std::move(routes.error())));
  Json rows = Json::array();
  for (const scripts::Route& route : *routes) rows.push_back(route_view(route));
  co_return ok(std::move(rows));
}

}  // namespace atoll::management
