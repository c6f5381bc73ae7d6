#include "management/resources/quarantine.h"

namespace atoll::management {

void Quarantine::add_routes(Router& router) {
  using R = Quarantine;
  router.add("GET", "/accounts/{account_id}/atoll/quarantine", this, &R::list);
  router.add("DELETE", "/accounts/{account_id}/atoll/quarantine/scripts/{script_name}", this,
             &R::release_account_script);
  router.add("DELETE",
             "/accounts/{account_id}/atoll/quarantine/namespaces/{namespace}/scripts/{script_name}",
             this, &R::release_user_script);
}

Task<Answer<Response>> Quarantine::list(Call& call) {
  const std::string& account_id = call.parameter("account_id");
  Json rows = Json::array();
  if (!held_) co_return ok(rows);
  auto namespaces = co_await pieces_.registry.dispatch_namespaces.list(account_id);
  CO_CHECK(namespaces);
  for (const HeldScripts::Held& held : held_->list(account_id)) {
    Json row = {{"script", held.script},
                {"dispatch_namespace", nullptr},
                {"deaths", held.deaths},
                {"reason", held.reason},
                {"request_id", held.request_id},
                {"last_on", format_rfc3339(held.last_on)},
                {"held_for_ms", held.held_for.count()}};
    for (const auto& dispatch_namespace : *namespaces) {
      if (dispatch_namespace.id == held.scope.namespace_id) {
        row["dispatch_namespace"] = dispatch_namespace.name;
      }
    }
    rows.push_back(std::move(row));
  }
  co_return ok(rows);
}

Answer<Response> Quarantine::release(const scripts::Scope& scope, const std::string& script) {
  if (!held_ || !held_->release(scope, script)) {
    return fail(ApiError{404, codes::kScriptMissing, "This script is not in quarantine."});
  }
  return ok(Json(nullptr));
}

Task<Answer<Response>> Quarantine::release_account_script(Call& call) {
  co_return release({call.parameter("account_id"), ""}, call.parameter("script_name"));
}

Task<Answer<Response>> Quarantine::release_user_script(Call& call) {
  const std::string& account_id = call.parameter("account_id");
  auto found =
      co_await pieces_.registry.dispatch_namespaces.find(account_id, call.parameter("namespace"));
  CO_CHECK(found);
  std::string id = *found ? (*found)->id : "none";
  co_return release({account_id, std::move(id)}, call.parameter("script_name"));
}

}  // namespace atoll::management
