#include "management/resources/zones.h"

namespace atoll::management {
namespace {

Json zone_view(const scripts::Zone& zone, const Identity& identity) {
  return {{"id", zone.id},
          {"name", zone.name},
          {"status", "active"},
          {"paused", false},
          {"type", "full"},
          {"created_on", format_rfc3339(zone.created_on)},
          {"account", {{"id", zone.account_id}, {"name", identity.account.name}}}};
}

// At least two labels of letters, digits and hyphens.
bool is_zone_name(std::string_view name) {
  std::size_t labels = 0;
  if (name.size() > 253) return false;
  while (true) {
    std::string_view label = name.substr(0, name.find('.'));
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') {
      return false;
    }
    for (char c : label) {
      if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') return false;
    }
    ++labels;
    if (label.size() == name.size()) return labels > 1;
    name.remove_prefix(label.size() + 1);
  }
}

}  // namespace

Task<Answer<scripts::Zone>> load_zone(scripts::Registry& registry, Call& call) {
  const std::string& id = call.parameter("zone_id");
  auto zone = co_await registry.accounts.find_zone(id);
  CO_CHECK(zone);
  if (!*zone || (*zone)->account_id != call.identity.account.id) {
    co_return fail(ApiError(404, codes::kUnknownPath,
                            "Could not route to zone " + id.substr(0, 64) +
                                ", perhaps your object identifier is invalid?"));
  }
  co_return **std::move(zone);
}

void Zones::add_routes(Router& router) {
  router.add("GET", "/zones", this, &Zones::list);
  router.add("POST", "/zones", this, &Zones::create);
  router.add("GET", "/zones/{zone_id}", this, &Zones::get);
  router.add("DELETE", "/zones/{zone_id}", this, &Zones::remove);
}

Task<Answer<Response>> Zones::list(Call& call) {
  auto page = read_page_query(call.query);
  CO_CHECK(page);
  std::string account = call.query.text("account.id", call.identity.account.id);
  std::string name = lower_case(call.query.text("name"));
  Json rows = Json::array();
  if (account == call.identity.account.id) {
    auto zones = co_await pieces_.registry.accounts.list_zones(account);
    CO_CHECK(zones);
    for (const scripts::Zone& zone : *zones) {
      if (name.empty() || zone.name == name) rows.push_back(zone_view(zone, call.identity));
    }
  }
  co_return page_of(rows, *page);
}

Task<Answer<Response>> Zones::create(Call& call) {
  auto body = json_object_body(call);
  CO_CHECK(body);
  auto name = required_string(*body, "name");
  CO_CHECK(name);
  std::string account = json_string(json_member(*body, "account"), "id", call.identity.account.id);
  auto allowed = authorize_account(call.identity, account);
  CO_CHECK(allowed);
  scripts::Zone zone;
  zone.account_id = account;
  zone.name = lower_case(*name);
  zone.created_on = wall_now();
  if (!is_zone_name(zone.name)) {
    co_return fail(malformed("\"" + name->substr(0, 100) + "\" is not a domain name"));
  }
  auto saved = co_await pieces_.registry.accounts.put_zone(std::move(zone));
  if (!saved && saved.error().kind() == ErrorKind::Conflict) {
    co_return fail(ApiError(400, codes::kZoneTaken, *name + " already exists"));
  }
  CO_CHECK(saved);
  co_return ok(zone_view(*saved, call.identity));
}

Task<Answer<Response>> Zones::get(Call& call) {
  auto zone = co_await load_zone(pieces_.registry, call);
  CO_CHECK(zone);
  co_return ok(zone_view(*zone, call.identity));
}

Task<Answer<Response>> Zones::remove(Call& call) {
  auto zone = co_await load_zone(pieces_.registry, call);
  CO_CHECK(zone);
  auto removed = co_await pieces_.registry.accounts.delete_zone(zone->id);
  CO_CHECK(removed);
  co_return ok({{"id", zone->id}});
}

}  // namespace atoll::management
