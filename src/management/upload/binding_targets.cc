#include "management/upload/binding_targets.h"

namespace atoll::management {
namespace {

ApiError target_missing(const scripts::Binding& binding, std::string_view what,
                        const std::string& name) {
  return refused("binding " + binding.name + " of type " + binding.type + " refers to " +
                 std::string(what) + " \"" + name.substr(0, 200) + "\", which does not exist");
}

}  // namespace

Task<Answer<void>> BindingTargets::resolve(const scripts::Scope& scope, const std::string& script,
                                           std::vector<RequestedBinding>& bindings) {
  for (RequestedBinding& requested : bindings) {
    Answer<void> resolved = co_await resolve_one(scope, script, requested.binding);
    CO_CHECK(resolved);
  }
  co_return Answer<void>();
}

// Service bindings name account-level scripts, also from inside a dispatch namespace.
Task<Answer<bool>> BindingTargets::script_exists(const scripts::Scope& scope,
                                                 const std::string& script,
                                                 const std::string& service) {
  if (scope.account_level() && service == script) co_return true;
  auto found = co_await registry_.scripts.find(scripts::Scope{scope.account_id, {}}, service);
  CO_CHECK(found);
  co_return found->has_value();
}

Task<Answer<void>> BindingTargets::resolve_one(const scripts::Scope& scope,
                                               const std::string& script,
                                               scripts::Binding& binding) {
  if (binding.type == "kv_namespace") {
    std::string id = json_string(binding.details, "namespace_id");
    auto found = co_await registry_.kv_namespaces.find(scope.account_id, id);
    CO_CHECK(found);
    if (!*found) co_return fail(target_missing(binding, "KV namespace", id));
  } else if (binding.type == "service") {
    std::string service = json_string(binding.details, "service");
    auto exists = co_await script_exists(scope, script, service);
    CO_CHECK(exists);
    if (!*exists) co_return fail(target_missing(binding, "Worker", service));
  } else if (binding.type == "dispatch_namespace") {
    std::string name = json_string(binding.details, "namespace");
    auto found = co_await registry_.dispatch_namespaces.find(scope.account_id, name);
    CO_CHECK(found);
    if (!*found) {
      ApiError error = target_missing(binding, "dispatch namespace", name);
      error.code = codes::kNamespaceMissing;
      co_return fail(std::move(error));
    }
    binding.details["namespace_id"] = (*found)->id;
    std::string outbound =
        json_string(json_member(json_member(binding.details, "outbound"), "worker"), "service");
    if (!outbound.empty()) {
      auto exists = co_await script_exists(scope, script, outbound);
      CO_CHECK(exists);
      if (!*exists) co_return fail(target_missing(binding, "outbound Worker", outbound));
    }
  }
  co_return Answer<void>();
}

Task<Answer<Json>> BindingTargets::show(const std::vector<scripts::Binding>& bindings) {
  Json shown = Json::array();
  for (const scripts::Binding& binding : bindings) {
    Json entry = Json::object();
    entry["name"] = binding.name;
    entry["type"] = binding.type;
    for (const auto& [member, value] : binding.details.items()) entry[member] = value;
    if (binding.type == "dispatch_namespace") {
      auto found = co_await registry_.dispatch_namespaces.find_by_id(
          json_string(binding.details, "namespace_id"));
      CO_CHECK(found);
      if (*found) entry["namespace"] = (*found)->name;
      entry.erase("namespace_id");
    }
    shown.push_back(std::move(entry));
  }
  co_return shown;
}

}  // namespace atoll::management
