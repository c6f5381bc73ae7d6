#include "management/resources/lanes.h"

#include <map>

namespace atoll::management {
namespace {

using Names = std::map<std::string, std::string>;  // of dispatch namespaces, by id

Task<Answer<Names>> namespace_names(scripts::Registry& registry, std::string account_id) {
  auto all = co_await registry.dispatch_namespaces.list(account_id);
  CO_CHECK(all);
  Names names;
  for (const auto& one : *all) names[one.id] = one.name;
  co_return names;
}

Json name_or_null(const Names& names, const std::string& id) {
  auto found = names.find(id);
  return found == names.end() ? Json(nullptr) : Json(found->second);
}

Json group_view(const scripts::TrustGroup& group, const Names& names) {
  Json namespaces = Json::array();
  for (const std::string& id : group.namespace_ids) {
    if (names.contains(id)) namespaces.push_back(names.at(id));
  }
  Json scripts = Json::array();
  for (const auto& member : group.scripts) {
    scripts.push_back({{"dispatch_namespace", name_or_null(names, member.namespace_id)},
                       {"script", member.script}});
  }
  return {{"name", group.name}, {"dispatch_namespaces", namespaces}, {"scripts", scripts}};
}

// Whose it is is another account's affair.
std::string lane_view(const std::string& lane, const std::string& account_id) {
  std::size_t colon = lane.find(':');
  if (colon == lane.npos || lane.substr(colon + 1).starts_with(account_id + "/")) return lane;
  return lane.substr(0, colon);
}

Json host_view(const PlatformLanes::Host& host, const std::string& account_id, const Names& names) {
  Json isolates = Json::array();
  for (const auto& isolate : host.largest) {
    if (isolate.scope.account_id != account_id) continue;  // another tenant's affair
    isolates.push_back({{"dispatch_namespace", name_or_null(names, isolate.scope.namespace_id)},
                        {"script", isolate.script},
                        {"version_id", isolate.version_id},
                        {"heap_bytes", isolate.heap_bytes},
                        {"external_bytes", isolate.external_bytes},
                        {"wasm_bytes", isolate.wasm_bytes}});
  }
  return {{"host", host.index},
          {"lane", lane_view(host.lane, account_id)},
          {"state", host.state},
          {"pid", host.pid},
          {"resident_bytes", host.resident_bytes},
          {"isolate_bytes", host.isolate_bytes},
          {"isolates", host.isolates},
          {"connections", host.connections},
          {"invocations", host.invocations},
          {"largest_isolates", isolates}};
}

// Of a member that is an array of texts, or absent.
Answer<std::vector<std::string>> texts(const Json& body, std::string_view member) {
  std::vector<std::string> found;
  const Json& value = json_member(body, member);
  if (value.is_null()) return found;
  if (!value.is_array()) {
    return fail(ApiError{400, codes::kMalformedBody, std::string(member) + " is not an array."});
  }
  for (const Json& one : value) {
    if (!one.is_string()) {
      return fail(ApiError{400, codes::kMalformedBody, std::string(member) + " holds no text."});
    }
    found.push_back(one.get<std::string>());
  }
  return found;
}

ApiError no_namespace(const std::string& name) {
  return {404, codes::kNamespaceMissing, "There is no dispatch namespace " + name + "."};
}

Answer<std::string> namespace_id(const Names& names, const std::string& name) {
  for (const auto& [id, known] : names) {
    if (known == name) return id;
  }
  return fail(no_namespace(name));
}

Answer<scripts::TrustGroup> read_group(const Call& call, const Names& names) {
  Json body = TRY(json_object_body(call));
  scripts::TrustGroup group;
  group.account_id = call.parameter("account_id");
  group.name = call.parameter("group");
  for (const std::string& name : TRY(texts(body, "dispatch_namespaces"))) {
    group.namespace_ids.push_back(TRY(namespace_id(names, name)));
  }
  for (const Json& member : json_member(body, "scripts")) {
    std::string script = TRY(required_string(member, "script"));
    std::string name = json_string(member, "dispatch_namespace");
    std::string id = name.empty() ? "" : TRY(namespace_id(names, name));
    group.scripts.push_back({std::move(id), std::move(script)});
  }
  return group;
}

}  // namespace

void Lanes::add_routes(Router& router) {
  using R = Lanes;
  router.add("GET", "/accounts/{account_id}/atoll/lanes", this, &R::show);
  router.add("POST", "/accounts/{account_id}/atoll/lanes/replace", this, &R::replace_hosts);
  router.add("GET", "/accounts/{account_id}/atoll/trust_groups", this, &R::list_groups);
  router.add("PUT", "/accounts/{account_id}/atoll/trust_groups/{group}", this, &R::put_group);
  router.add("DELETE", "/accounts/{account_id}/atoll/trust_groups/{group}", this, &R::remove_group);
}

Task<Answer<Response>> Lanes::show(Call& call) {
  const std::string& account_id = call.parameter("account_id");
  auto names = co_await namespace_names(pieces_.registry, account_id);
  CO_CHECK(names);
  Json hosts = Json::array();
  Json busy = Json::array();
  if (platform_) {
    for (const auto& host : platform_->hosts()) {
      hosts.push_back(host_view(host, account_id, *names));
    }
    for (const auto& one : platform_->busy(account_id)) {
      busy.push_back({{"dispatch_namespace", name_or_null(*names, one.scope.namespace_id)},
                      {"script", one.script},
                      {"share_percent", one.share_percent},
                      {"since", format_rfc3339(one.since)}});
    }
  }
  co_return ok({{"hosts", hosts}, {"busy", busy}});
}

Task<Answer<Response>> Lanes::replace_hosts(Call&) {
  if (platform_) platform_->replace_hosts();
  co_return ok(Json(nullptr));
}

Task<Answer<Response>> Lanes::list_groups(Call& call) {
  const std::string& account_id = call.parameter("account_id");
  auto names = co_await namespace_names(pieces_.registry, account_id);
  CO_CHECK(names);
  auto groups = co_await pieces_.registry.trust_groups.list(account_id);
  CO_CHECK(groups);
  Json rows = Json::array();
  for (const auto& group : *groups) rows.push_back(group_view(group, *names));
  co_return ok(rows);
}

Task<Answer<Response>> Lanes::put_group(Call& call) {
  auto names = co_await namespace_names(pieces_.registry, call.parameter("account_id"));
  CO_CHECK(names);
  auto group = read_group(call, *names);
  CO_CHECK(group);
  auto stored = co_await pieces_.registry.trust_groups.put(*group);
  CO_CHECK(stored);
  if (platform_) {
    auto changed = co_await platform_->groups_changed();
    CO_CHECK(changed);
  }
  co_return ok(group_view(*group, *names));
}

Task<Answer<Response>> Lanes::remove_group(Call& call) {
  auto removed = co_await pieces_.registry.trust_groups.remove(call.parameter("account_id"),
                                                               call.parameter("group"));
  CO_CHECK(removed);
  if (platform_) {
    auto changed = co_await platform_->groups_changed();
    CO_CHECK(changed);
  }
  co_return ok(Json(nullptr));
}

}  // namespace atoll::management
