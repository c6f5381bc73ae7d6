#include "management/resources/account_scripts.h"

#include <algorithm>

#include "management/resources/script_place.h"
#include "management/resources/script_views.h"

namespace atoll::management {
namespace {

constexpr std::string_view kWorkers = "/accounts/{account_id}/workers";

}  // namespace

void AccountScripts::add_routes(Router& router) {
  using R = AccountScripts;
  std::string workers(kWorkers);
  router.add("GET", workers + "/scripts", this, &R::list);
  router.add("GET", workers + "/scripts-search", this, &R::search);
  router.add("GET", workers + "/services/{script_name}", this, &R::service);
  router.add("GET", workers + "/services/{script_name}/environments/{environment}", this,
             &R::environment);
  router.add("GET", std::string(kAccountScript) + "/references", this, &R::references);
  router.add("GET", workers + "/tails/by-consumer/{script_name}", this, &R::consumed_tails);
  router.add("GET", workers + "/workers/{script_name}", this, &R::worker);
  router.add("PATCH", workers + "/workers/{script_name}/versions/latest", this,
             &R::patch_latest_version);
}

Task<Answer<std::vector<scripts::Script>>> AccountScripts::load_all(Call& call,
                                                                    scripts::TagFilter filter) {
  std::vector<scripts::Script> all;
  scripts::Scripts::Query query{std::move(filter), {}, 1000};
  while (true) {
    auto page = co_await pieces_.registry.scripts.list(
        scripts::Scope{call.parameter("account_id"), {}}, query);
    CO_CHECK(page);
    for (scripts::Script& script : page->scripts) all.push_back(std::move(script));
    if (page->complete || all.empty()) co_return all;
    query.after = all.back().name;
  }
}

Task<Answer<Response>> AccountScripts::list(Call& call) {
  auto filter = scripts::TagFilter::parse(call.query.text("tags"));
  if (!filter) co_return fail(malformed(filter.error().message()));
  auto all = co_await load_all(call, *std::move(filter));
  CO_CHECK(all);
  Json rows = Json::array();
  for (const scripts::Script& script : *all) rows.push_back(script_record(script));
  co_return ok(std::move(rows));
}

Task<Answer<Response>> AccountScripts::search(Call& call) {
  auto page = read_page_query(call.query);
  CO_CHECK(page);
  auto all = co_await load_all(call, scripts::TagFilter());
  CO_CHECK(all);
  std::string id = call.query.text("id");
  std::string name = call.query.text("name");
  if (call.query.text("order_by").ends_with("_on")) {
    auto newer = [](const auto& left, const auto& right) {
      return left.modified_on > right.modified_on;
    };
    std::sort(all->begin(), all->end(), newer);
  }
  Json rows = Json::array();
  for (const scripts::Script& script : *all) {
    if (!id.empty() && script.tag != id) continue;
    if (!name.empty() && script.name.find(name) == std::string::npos) continue;
    rows.push_back({{"id", script.tag},
                    {"script_name", script.name},
                    {"created_on", format_rfc3339(script.created_on)},
                    {"modified_on", format_rfc3339(script.modified_on)},
                    {"environment_name", "production"},
                    {"environment_is_default", true},
                    {"service_name", script.name}});
  }
  co_return page_of(rows, *page);
}

Task<Answer<Response>> AccountScripts::service(Call& call) {
  auto script = co_await load_script(pieces_.registry, call);
  CO_CHECK(script);
  co_return ok(service_record(*script));
}

Task<Answer<Response>> AccountScripts::environment(Call& call) {
  auto script = co_await load_script(pieces_.registry, call);
  CO_CHECK(script);
  if (call.parameter("environment") != "production") {
    co_return fail(ApiError(404, 10090, "This environment does not exist."));
  }
  co_return ok(service_record(*script)["default_environment"]);
}

// Which Workers bind to this one, and what it binds to.
Task<Answer<Response>> AccountScripts::references(Call& call) {
  auto target = co_await load_script(pieces_.registry, call);
  CO_CHECK(target);
  auto all = co_await load_all(call, scripts::TagFilter());
  CO_CHECK(all);
  Json incoming = Json::array();
  Json outgoing = Json::array();
  Json outbounds = Json::array();
  for (const scripts::Script& script : *all) {
    auto version = co_await pieces_.registry.scripts.find_version(script.scope, script.name,
                                                                  script.summary.version_id);
    CO_CHECK(version);
    if (!*version) continue;
    for (const scripts::Binding& binding : (*version)->content.bindings) {
      std::string service = json_string(binding.details, "service");
      if (binding.type == "service" && script.name == target->name) {
        outgoing.push_back(
            {{"name", binding.name}, {"service", service}, {"environment", "production"}});
      } else if (binding.type == "service" && service == target->name) {
        incoming.push_back(
            {{"name", binding.name}, {"service", script.name}, {"environment", "production"}});
      }
      const Json& outbound = json_member(binding.details, "outbound");
      if (json_string(json_member(outbound, "worker"), "service") == target->name) {
        outbounds.push_back({{"namespace", json_string(binding.details, "namespace")},
                             {"params", json_member(outbound, "params")},
                             {"service", script.name}});
      }
    }
  }
  co_return ok({{"services",
                 {{"incoming", std::move(incoming)},
                  {"outgoing", std::move(outgoing)},
                  {"pages_function", false}}},
                {"durable_objects", Json::array()},
                {"dispatch_outbounds", std::move(outbounds)}});
}

// Tail Workers do not exist here yet, so nobody's events go to this script.
Task<Answer<Response>> AccountScripts::consumed_tails(Call& call) { co_return ok(Json::array()); }

Task<Answer<scripts::Script>> AccountScripts::load_worker(Call& call) {
  const std::string& account = call.parameter("account_id");
  const std::string& name = call.parameter("script_name");
  ScriptAddress address{scripts::Scope{account, {}}, name};
  auto script = co_await pieces_.registry.scripts.find(address.scope, name);
  CO_CHECK(script);
  if (!*script) {
    script = co_await pieces_.registry.scripts.find_by_tag(account, name);
    CO_CHECK(script);
  }
  if (!*script || !(*script)->scope.account_level()) co_return fail(address.missing());
  co_return **std::move(script);
}

Task<Answer<Response>> AccountScripts::worker(Call& call) {
  auto script = co_await load_worker(call);
  CO_CHECK(script);
  co_return ok(worker_view(pieces_.settings, call.identity.account, *script));
}

// A merge patch of `env`: a new version, not deployed, with bindings set or (null) removed.
Task<Answer<Response>> AccountScripts::patch_latest_version(Call& call) {
  auto script = co_await load_worker(call);
  CO_CHECK(script);
  auto body = json_object_body(call);
  CO_CHECK(body);
  const Json& env = json_member(*body, "env");
  if (!env.is_null() && !env.is_object()) co_return fail(malformed("`env` must be an object"));
  Publisher::BindingChanges changes;
  if (env.is_object()) {
    for (const auto& [name, value] : env.items()) {
      if (value.is_null()) {
        changes[name] = std::nullopt;
        continue;
      }
      if (!value.is_object()) co_return fail(malformed("env." + name + " must be an object"));
      Json binding = value;
      binding["name"] = name;
      auto read = read_bindings(Json::array({std::move(binding)}), pieces_.settings.uploads);
      CO_CHECK(read);
      changes[name] = std::move(read->front());
    }
  }
  const Json& sent = json_member(*body, "annotations");
  Json annotations = sent.is_object() ? sent : Json::object();
  annotations["workers/triggered_by"] = "secret";
  ScriptAddress address{script->scope, script->name};
  auto published = co_await pieces_.publisher.change_bindings(
      call, std::move(address), std::move(changes), std::move(annotations),
      Publisher::Then::OnlyUpload);
  CO_CHECK(published);
  auto shown = co_await pieces_.targets.show(published->version.content.bindings);
  CO_CHECK(shown);
  co_return ok(version_view(published->script, published->version, *std::move(shown)));
}

}  // namespace atoll::management
