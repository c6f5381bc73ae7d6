#include "management/resources/script_secrets.h"

#include <algorithm>

#include "base/encoding.h"
#include "management/resources/script_place.h"

namespace atoll::management {
namespace {

Json secret_view(const scripts::Binding& binding) {
  return {{"name", binding.name}, {"type", binding.type}};
}

std::vector<scripts::Binding> secrets_among(const std::vector<scripts::Binding>& bindings) {
  std::vector<scripts::Binding> secrets;
  for (const scripts::Binding& binding : bindings) {
    if (is_secret_type(binding.type)) secrets.push_back(binding);
  }
  return secrets;
}

ApiError secret_missing(const std::string& name) {
  return {404, codes::kBindingMissing, "Secret \"" + name.substr(0, 100) + "\" does not exist"};
}

// `?url_encoded=true` says that the client escaped the name; the path was decoded once already,
// which undid exactly that.
const scripts::Binding* find_by_name(const std::vector<scripts::Binding>& secrets,
                                     const std::string& name) {
  auto found = std::find_if(secrets.begin(), secrets.end(),
                            [&](const auto& secret) { return secret.name == name; });
  return found == secrets.end() ? nullptr : &*found;
}

}  // namespace

void ScriptSecrets::add_routes(Router& router) {
  using R = ScriptSecrets;
  add_for_scripts(router, "GET", "/secrets", this, &R::list);
  add_for_scripts(router, "PUT", "/secrets", this, &R::put);
  add_for_scripts(router, "GET", "/secrets/{secret_name}", this, &R::get);
  add_for_scripts(router, "DELETE", "/secrets/{secret_name}", this, &R::remove);
  add_for_scripts(router, "PATCH", "/secrets-bulk", this, &R::bulk);
}

Task<Answer<std::vector<scripts::Binding>>> ScriptSecrets::load_secrets(Call& call) {
  auto address = co_await locate_script(pieces_.registry, call);
  CO_CHECK(address);
  auto state = co_await pieces_.registry.scripts.load_state(address->scope, address->name);
  CO_CHECK(state);
  if (!*state) co_return fail(address->missing());
  co_return secrets_among((*state)->latest.version.content.bindings);
}

Task<Answer<scripts::Published>> ScriptSecrets::change(Call& call,
                                                       Publisher::BindingChanges changes) {
  auto address = co_await locate_script(pieces_.registry, call);
  CO_CHECK(address);
  Json annotations = {{"workers/triggered_by", "secret"}};
  co_return co_await pieces_.publisher.change_bindings(call, *std::move(address),
                                                       std::move(changes), std::move(annotations),
                                                       Publisher::Then::Deploy);
}

Task<Answer<Response>> ScriptSecrets::list(Call& call) {
  auto secrets = co_await load_secrets(call);
  CO_CHECK(secrets);
  Json rows = Json::array();
  for (const scripts::Binding& secret : *secrets) rows.push_back(secret_view(secret));
  co_return ok(std::move(rows));
}

Task<Answer<Response>> ScriptSecrets::put(Call& call) {
  auto body = json_object_body(call);
  CO_CHECK(body);
  auto secret = read_secret(*body, pieces_.settings.uploads);
  CO_CHECK(secret);
  scripts::Binding binding = secret->binding;
  Publisher::BindingChanges changes;
  changes[binding.name] = *std::move(secret);
  auto published = co_await change(call, std::move(changes));
  CO_CHECK(published);
  co_return ok(secret_view(binding));
}

Task<Answer<Response>> ScriptSecrets::get(Call& call) {
  auto secrets = co_await load_secrets(call);
  CO_CHECK(secrets);
  const std::string& name = call.parameter("secret_name");
  const scripts::Binding* secret = find_by_name(*secrets, name);
  if (secret == nullptr) co_return fail(secret_missing(name));
  co_return ok(secret_view(*secret));
}

Task<Answer<Response>> ScriptSecrets::remove(Call& call) {
  auto secrets = co_await load_secrets(call);
  CO_CHECK(secrets);
  const std::string& name = call.parameter("secret_name");
  if (find_by_name(*secrets, name) == nullptr) co_return fail(secret_missing(name));
  Publisher::BindingChanges changes;
  changes[name] = std::nullopt;
  auto published = co_await change(call, std::move(changes));
  CO_CHECK(published);
  co_return ok(nullptr);
}

// A merge patch: null removes, absence keeps.
Task<Answer<Response>> ScriptSecrets::bulk(Call& call) {
  auto body = json_object_body(call);
  CO_CHECK(body);
  const Json& patch = json_member(*body, "secrets");
  if (!patch.is_object()) co_return fail(malformed("`secrets` must be an object"));
  Publisher::BindingChanges changes;
  for (const auto& [name, value] : patch.items()) {
    if (value.is_null()) {
      changes[name] = std::nullopt;
      continue;
    }
    if (!value.is_object()) co_return fail(malformed("secrets." + name + " must be an object"));
    Json named = value;
    named["name"] = name;
    auto secret = read_secret(named, pieces_.settings.uploads);
    CO_CHECK(secret);
    changes[name] = *std::move(secret);
  }
  auto existing = co_await load_secrets(call);
  CO_CHECK(existing);
  if (!changes.empty()) {
    auto published = co_await change(call, std::move(changes));
    CO_CHECK(published);
    existing = secrets_among(published->version.content.bindings);
  }
  Json remaining = Json::object();
  for (const scripts::Binding& secret : *existing) remaining[secret.name] = secret_view(secret);
  co_return ok(std::move(remaining));
}

}  // namespace atoll::management
