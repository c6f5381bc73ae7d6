#include "management/resources/custom_domains.h"

#include <algorithm>

#include "management/resources/script_place.h"
#include "management/resources/zone_lookup.h"

namespace atoll::management {
namespace {

Json domain_view(const scripts::CustomDomain& domain) {
  return {{"id", domain.id},
          {"hostname", domain.hostname},
          {"service", domain.script},
          {"environment", domain.environment},
          {"zone_id", domain.zone_id},
          {"zone_name", domain.zone_name},
          {"cert_id", nullptr},
          {"enabled", domain.enabled},
          {"previews_enabled", domain.previews_enabled}};
}

Json domains_view(const std::vector<scripts::CustomDomain>& domains) {
  Json rows = Json::array();
  for (const auto& domain : domains) rows.push_back(domain_view(domain));
  return rows;
}

bool differs(const scripts::CustomDomain& left, const scripts::CustomDomain& right) {
  return left.zone_id != right.zone_id || left.enabled != right.enabled ||
         left.previews_enabled != right.previews_enabled || left.environment != right.environment;
}

ApiError domain_error(Error error) {
  if (error.kind() == ErrorKind::Conflict) return {409, codes::kPatternTaken, error.message()};
  if (error.kind() == ErrorKind::InvalidInput) {
    return {400, codes::kScriptMissing, error.message()};
  }
  return ApiError(std::move(error));
}

}  // namespace

void CustomDomains::add_routes(Router& router) {
  using R = CustomDomains;
  std::string domains = "/accounts/{account_id}/workers/domains";
  router.add("GET", domains, this, &R::list);
  router.add("PUT", domains, this, &R::attach);
  router.add("GET", domains + "/{domain_id}", this, &R::get);
  router.add("DELETE", domains + "/{domain_id}", this, &R::remove);
  router.add("GET", domains + "/records", this, &R::list);
  router.add("GET", domains + "/records/{domain_id}", this, &R::get);
  router.add("POST", std::string(kAccountScript) + "/domains/changeset", this, &R::plan_changes);
  router.add("PUT", std::string(kAccountScript) + "/domains/records", this, &R::replace_records);
}

Task<Answer<Response>> CustomDomains::list(Call& call) {
  auto all = co_await pieces_.registry.routes.list_domains(call.parameter("account_id"));
  CO_CHECK(all);
  auto matches = [&](std::string_view member, const std::string& value) {
    auto wanted = call.query.find(member);
    return !wanted || wanted->empty() || lower_case(*wanted) == lower_case(value);
  };
  Json rows = Json::array();
  for (const scripts::CustomDomain& domain : *all) {
    if (matches("zone_id", domain.zone_id) && matches("zone_name", domain.zone_name) &&
        matches("service", domain.script) && matches("hostname", domain.hostname) &&
        matches("environment", domain.environment)) {
      rows.push_back(domain_view(domain));
    }
  }
  co_return ok(std::move(rows));
}

Task<Answer<scripts::CustomDomain>> CustomDomains::read_domain(Call& call, Json entry,
                                                               std::string script) {
  auto hostname = required_string(entry, "hostname");
  CO_CHECK(hostname);
  scripts::CustomDomain domain;
  domain.account_id = call.parameter("account_id");
  domain.hostname = lower_case(*hostname);
  domain.script = std::move(script);
  domain.environment = json_string(entry, "environment", "production");
  domain.enabled = json_bool(entry, "enabled", true);
  domain.previews_enabled = json_bool(entry, "previews_enabled", false);
  if (domain.hostname.find_first_of("*/: ") != std::string::npos || domain.hostname.size() > 253) {
    co_return fail(malformed("\"" + hostname->substr(0, 253) +
                             "\" is not a hostname; wildcards and paths need a route"));
  }
  auto zone = co_await zone_for(pieces_.registry.accounts, call.identity, entry, domain.hostname);
  CO_CHECK(zone);
  if (domain.hostname != zone->name && !domain.hostname.ends_with("." + zone->name)) {
    co_return fail(malformed(domain.hostname + " does not belong to zone " + zone->name));
  }
  domain.zone_id = zone->id;
  domain.zone_name = zone->name;
  co_return domain;
}

Task<Answer<std::vector<scripts::CustomDomain>>> CustomDomains::read_domains(Call& call,
                                                                             Json entries,
                                                                             std::string script) {
  std::vector<scripts::CustomDomain> domains;
  if (!entries.is_array()) co_return fail(malformed("the custom domains must be an array"));
  for (const Json& entry : entries) {
    auto domain = co_await read_domain(call, entry, script);
    CO_CHECK(domain);
    domains.push_back(*std::move(domain));
  }
  co_return domains;
}

Task<Answer<Response>> CustomDomains::attach(Call& call) {
  auto body = json_object_body(call);
  CO_CHECK(body);
  auto script = required_string(*body, "service");
  CO_CHECK(script);
  auto domain = co_await read_domain(call, *body, *script);
  CO_CHECK(domain);
  auto saved = co_await pieces_.registry.routes.put_domain(*std::move(domain));
  if (!saved) co_return fail(domain_error(std::move(saved.error())));
  co_return ok(domain_view(*saved));
}

Task<Answer<scripts::CustomDomain>> CustomDomains::load(Call& call) {
  const std::string& id = call.parameter("domain_id");
  auto domain = co_await pieces_.registry.routes.find_domain(call.parameter("account_id"), id);
  CO_CHECK(domain);
  if (!*domain) {
    co_return fail(ApiError(404, codes::kDomainMissing,
                            "Custom domain " + id.substr(0, 64) + " does not exist"));
  }
  co_return **std::move(domain);
}

Task<Answer<Response>> CustomDomains::get(Call& call) {
  auto domain = co_await load(call);
  CO_CHECK(domain);
  co_return ok(domain_view(*domain));
}

Task<Answer<Response>> CustomDomains::remove(Call& call) {
  auto domain = co_await load(call);
  CO_CHECK(domain);
  auto removed = co_await pieces_.registry.routes.remove_domain(domain->account_id, domain->id);
  CO_CHECK(removed);
  co_return ok({{"id", domain->id}});
}

// What replace_records would do; nothing is written.
Task<Answer<Response>> CustomDomains::plan_changes(Call& call) {
  auto script = co_await load_script(pieces_.registry, call);
  CO_CHECK(script);
  auto body = json_body(call);
  CO_CHECK(body);
  auto wanted = co_await read_domains(call, *body, script->name);
  CO_CHECK(wanted);
  auto existing = co_await pieces_.registry.routes.list_domains(script->scope.account_id);
  CO_CHECK(existing);
  Json added = Json::array(), removed = Json::array();
  Json updated = Json::array(), conflicting = Json::array();
  for (const scripts::CustomDomain& domain : *wanted) {
    auto found = std::find_if(existing->begin(), existing->end(),
                              [&](const auto& one) { return one.hostname == domain.hostname; });
    if (found == existing->end()) {
      added.push_back(domain_view(domain));
    } else if (found->script != script->name) {
      conflicting.push_back(domain_view(*found));
    } else {
      Json shown = domain_view(domain);
      shown["id"] = found->id;
      shown["modified"] = differs(*found, domain);
      updated.push_back(std::move(shown));
    }
  }
  for (const scripts::CustomDomain& domain : *existing) {
    bool is_wanted = std::any_of(wanted->begin(), wanted->end(),
                                 [&](const auto& one) { return one.hostname == domain.hostname; });
    if (domain.script == script->name && !is_wanted) removed.push_back(domain_view(domain));
  }
  co_return ok({{"added", std::move(added)},
                {"removed", std::move(removed)},
                {"updated", std::move(updated)},
                {"conflicting", std::move(conflicting)}});
}

Task<Answer<Response>> CustomDomains::replace_records(Call& call) {
  auto script = co_await load_script(pieces_.registry, call);
  CO_CHECK(script);
  auto body = json_object_body(call);
  CO_CHECK(body);
  auto wanted = co_await read_domains(call, json_member(*body, "origins"), script->name);
  CO_CHECK(wanted);
  using Takeover = scripts::Routes::Takeover;
  Takeover takeover =
      json_bool(*body, "override_existing_origin", false) ? Takeover::Allow : Takeover::Refuse;
  auto changes = co_await pieces_.registry.routes.replace_domains_for_script(
      script->scope.account_id, script->name, *std::move(wanted), takeover);
  if (!changes) co_return fail(domain_error(std::move(changes.error())));
  if (!changes->conflicting.empty()) {
    co_return fail(ApiError(
        409, codes::kPatternTaken,
        "Custom domain " + changes->conflicting.front().hostname + " belongs to another Worker"));
  }
  std::vector<scripts::CustomDomain> records = std::move(changes->added);
  records.insert(records.end(), changes->updated.begin(), changes->updated.end());
  co_return ok(domains_view(records));
}

}  // namespace atoll::management
