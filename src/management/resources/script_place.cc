#include "management/resources/script_place.h"

namespace atoll::management {

Task<Answer<scripts::Scope>> locate_scope(scripts::Registry& registry, Call& call) {
  scripts::Scope scope{call.parameter("account_id"), {}};
  if (const std::string* name = call.parameters.find("dispatch_namespace")) {
    auto found = co_await registry.dispatch_namespaces.find(scope.account_id, *name);
    CO_CHECK(found);
    if (!*found) {
      co_return fail(ApiError(
          404, codes::kNamespaceMissing,
          "Dispatch namespace \"" + name->substr(0, 100) + "\" does not exist in this account"));
    }
    scope.namespace_id = (*found)->id;
  }
  co_return scope;
}

Task<Answer<ScriptAddress>> locate_script(scripts::Registry& registry, Call& call) {
  auto scope = co_await locate_scope(registry, call);
  CO_CHECK(scope);
  co_return ScriptAddress{*std::move(scope), call.parameter("script_name")};
}

Task<Answer<scripts::Script>> load_script(scripts::Registry& registry, Call& call) {
  auto address = co_await locate_script(registry, call);
  CO_CHECK(address);
  auto script = co_await registry.scripts.find(address->scope, address->name);
  CO_CHECK(script);
  if (!*script) co_return fail(address->missing());
  co_return **std::move(script);
}

ApiError script_error(const ScriptAddress& address, Error error) {
  if (error.kind() == ErrorKind::NotFound) return address.missing();
  return ApiError(std::move(error));
}

}  // namespace atoll::management
