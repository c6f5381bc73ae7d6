#include "management/resources/egress.h"

#include "management/resources/script_place.h"

namespace atoll::management {
namespace {

constexpr std::string_view kPolicies = "/accounts/{account_id}/atoll/egress/policies";
constexpr std::size_t kMaxPolicyBytes = 256u << 10;
constexpr unsigned kMaxAuditRows = 1000;

using Names = std::map<std::string, std::string>;

Json name_of(const Names& names, const std::string& namespace_id) {
  auto found = names.find(namespace_id);
  return found == names.end() ? Json() : Json(found->second);
}

Json view(const scripts::EgressPolicy& stored, const Names& names) {
  Json view = {{"dispatch_namespace", name_of(names, stored.scope.namespace_id)},
               {"script", stored.script.empty() ? Json() : Json(stored.script)},
               {"rules", json_member(stored.policy, "rules")},
               {"quotas", json_member(stored.policy, "quotas")},
               {"modified_on", format_rfc3339(stored.modified_on)}};
  if (view["rules"].is_null()) view["rules"] = Json::array();
  if (view["quotas"].is_null()) view["quotas"] = Json::object();
  return view;
}

ApiError no_policy() {
  return {404, codes::kEgressPolicyMissing, "There is no egress policy for this"};
}

Answer<std::optional<WallTime>> time_of(const Query& query, const char* name) {
  auto text = query.find(name);
  if (!text || text->empty()) return std::nullopt;
  auto time = parse_rfc3339(*text);
  if (!time) {
    return fail(malformed("`" + std::string(name) + "` must be a time like 2026-01-02T03:04:05Z"));
  }
  return time;
}

Answer<void> check_word(const Query& query, const char* name,
                        std::initializer_list<std::string_view> words) {
  auto word = query.find(name);
  if (!word || word->empty() || std::ranges::find(words, *word) != words.end()) return {};
  std::string message = "`" + std::string(name) + "` must be one of";
  for (std::string_view one : words) message.append(" ").append(one);
  return fail(malformed(std::move(message)));
}

}  // namespace

void Egress::add_routes(Router& router) {
  using R = Egress;
  router.add("GET", kPolicies, this, &R::list);
  for (std::string_view place : {"/scripts/{script_name}", "/namespaces/{dispatch_namespace}",
                                 "/namespaces/{dispatch_namespace}/scripts/{script_name}"}) {
    std::string path = std::string(kPolicies) + std::string(place);
    router.add("GET", path, this, &R::get);
    router.add("PUT", path, this, &R::put, kMaxPolicyBytes);
    router.add("DELETE", path, this, &R::remove);
  }
  router.add("GET", "/accounts/{account_id}/atoll/egress/audit", this, &R::audit);
}

Task<Answer<Egress::Target>> Egress::locate(Call& call) {
  auto scope = co_await locate_scope(pieces_.registry, call);
  CO_CHECK(scope);
  Target target{*std::move(scope), ""};
  if (const std::string* script = call.parameters.find("script_name")) {
    auto fits = scripts::check_script_name(target.scope, *script);
    if (!fits) {
      co_return fail(ApiError(400, codes::kBadScriptName, std::move(fits.error()).message()));
    }
    target.script = *script;
  }
  co_return target;
}

Task<Answer<Names>> Egress::namespace_names(std::string account_id) {
  auto all = co_await pieces_.registry.dispatch_namespaces.list(std::move(account_id));
  CO_CHECK(all);
  Names names;
  for (const scripts::DispatchNamespace& one : *all) names.emplace(one.id, one.name);
  co_return names;
}

Task<Answer<Response>> Egress::list(Call& call) {
  const std::string& account_id = call.parameter("account_id");
  auto names = co_await namespace_names(account_id);
  CO_CHECK(names);
  auto all = co_await pieces_.registry.egress_policies.list(account_id);
  CO_CHECK(all);
  Json rows = Json::array();
  for (const scripts::EgressPolicy& one : *all) rows.push_back(view(one, *names));
  auto page = read_page_query(call.query, 100);
  CO_CHECK(page);
  co_return page_of(rows, *page);
}

Task<Answer<Response>> Egress::get(Call& call) {
  auto target = co_await locate(call);
  CO_CHECK(target);
  auto found = co_await pieces_.registry.egress_policies.find(target->scope, target->script);
  CO_CHECK(found);
  if (!*found) co_return fail(no_policy());
  auto names = co_await namespace_names(target->scope.account_id);
  CO_CHECK(names);
  co_return ok(view(**found, *names));
}

// Replaces the whole policy. It is in force when the answer comes: connections that it does not
// allow have ended.
Task<Answer<Response>> Egress::put(Call& call) {
  auto body = json_object_body(call);
  CO_CHECK(body);
  auto target = co_await locate(call);
  CO_CHECK(target);
  if (!control_) {
    co_return fail(ApiError(400, codes::kUnsupported, "This server has no way to the outside"));
  }
  auto checked = control_->check(*body);
  if (!checked) co_return fail(refused(checked.error().message()));
  scripts::EgressPolicy policy{target->scope, target->script, *std::move(body), wall_now()};
  auto stored = co_await pieces_.registry.egress_policies.put(policy);
  CO_CHECK(stored);
  auto applied = co_await control_->policy_changed(target->scope, target->script);
  CO_CHECK(applied);
  auto names = co_await namespace_names(target->scope.account_id);
  CO_CHECK(names);
  co_return ok(view(policy, *names));
}

Task<Answer<Response>> Egress::remove(Call& call) {
  auto target = co_await locate(call);
  CO_CHECK(target);
  auto removed = co_await pieces_.registry.egress_policies.remove(target->scope, target->script);
  CO_CHECK(removed);
  if (!*removed) co_return fail(no_policy());
  if (control_) {
    auto applied = co_await control_->policy_changed(target->scope, target->script);
    CO_CHECK(applied);
  }
  co_return ok(nullptr);
}

Task<Answer<EgressControl::AuditQuery>> Egress::read_audit_query(Call& call) {
  const Query& query = call.query;
  EgressControl::AuditQuery asked;
  asked.account_id = call.parameter("account_id");
  // `namespace=` with nothing behind it: account-level scripts.
  if (auto name = query.find("namespace"); name && name->empty()) {
    asked.namespace_id = "";
  } else if (name) {
    auto found = co_await pieces_.registry.dispatch_namespaces.find(asked.account_id, *name);
    CO_CHECK(found);
    if (!*found) {
      co_return fail(ApiError(
          404, codes::kNamespaceMissing,
          "Dispatch namespace \"" + name->substr(0, 100) + "\" does not exist in this account"));
    }
    asked.namespace_id = (*found)->id;
  }
  asked.script = query.text("script");
  asked.host = query.text("host");
  asked.verdict = query.text("verdict");
  asked.event = query.text("event");
  asked.cursor = query.text("cursor");
  auto verdict = check_word(query, "verdict", {"allowed", "refused", "failed"});
  CO_CHECK(verdict);
  auto event = check_word(query, "event", {"decision", "end"});
  CO_CHECK(event);
  auto since = time_of(query, "since");
  CO_CHECK(since);
  asked.since = *since;
  auto until = time_of(query, "until");
  CO_CHECK(until);
  asked.until = *until;
  asked.limit = 100;
  if (query.find("limit") || query.find("per_page")) {
    auto limit = read_limit(query, 1, kMaxAuditRows);
    CO_CHECK(limit);
    asked.limit = *limit;
  }
  co_return asked;
}

Task<Answer<Response>> Egress::audit(Call& call) {
  auto query = co_await read_audit_query(call);
  CO_CHECK(query);
  EgressControl::AuditPage page;
  if (control_) {
    auto read = co_await control_->audit(*query);
    CO_CHECK(read);
    page = *std::move(read);
  }
  auto names = co_await namespace_names(query->account_id);
  CO_CHECK(names);
  Json rows = Json::array();
  for (Json& row : page.rows) {
    Json shown = Json::object();
    for (auto& [name, value] : row.items()) {
      if (name == "time") {
        WallTime time(std::chrono::milliseconds(value.get<std::int64_t>()));
        shown["time"] = format_rfc3339(time);
      } else if (name == "namespace") {
        shown["dispatch_namespace"] = name_of(*names, value.get<std::string>());
      } else if (name != "account") {
        shown[name] = std::move(value);
      }
    }
    rows.push_back(std::move(shown));
  }
  Json info = {{"count", rows.size()}, {"cursor", page.cursor}};
  co_return ok(std::move(rows), std::move(info));
}

}  // namespace atoll::management
