#include "management/resources/script_versions.h"

#include <cmath>
#include <set>

#include "management/resources/script_place.h"
#include "management/resources/script_views.h"

namespace atoll::management {
namespace {

using Shares = std::vector<scripts::Deployment::Share>;

ApiError version_missing(const std::string& id) {
  return {404, codes::kVersionMissing, "Version " + id.substr(0, 64) + " does not exist"};
}

Answer<Shares> read_shares(const Json& body) {
  std::string strategy = json_string(body, "strategy", "percentage");
  if (strategy != "percentage") {
    return fail(malformed("`strategy` must be \"percentage\""));
  }
  const Json& versions = json_member(body, "versions");
  if (!versions.is_array() || versions.empty() || versions.size() > 2) {
    return fail(malformed("`versions` must list one or two versions"));
  }
  Shares shares;
  double total = 0;
  for (const Json& entry : versions) {
    const Json& percentage = json_member(entry, "percentage");
    scripts::Deployment::Share share{json_string(entry, "version_id"), 0};
    if (share.version_id.empty() || !percentage.is_number()) {
      return fail(malformed("each of `versions` needs a version_id and a percentage"));
    }
    share.percentage = percentage.get<double>();
    if (!(share.percentage >= 0 && share.percentage <= 100)) {
      return fail(malformed("a percentage must lie between 0 and 100"));
    }
    total += share.percentage;
    shares.push_back(std::move(share));
  }
  if (std::fabs(total - 100) > 1e-6) {
    return fail(malformed("the percentages of `versions` must add up to 100"));
  }
  return shares;
}

std::string changed_secrets(const scripts::Secrets& before, const scripts::Secrets& after) {
  std::set<std::string> changed;
  for (const auto& [name, text] : before) {
    auto found = after.find(name);
    if (found == after.end() || found->second != text) changed.insert(name);
  }
  for (const auto& [name, text] : after) {
    if (!before.contains(name)) changed.insert(name);
  }
  std::string names;
  for (const std::string& name : changed) names += (names.empty() ? "" : ", ") + name;
  return names;
}

}  // namespace

void ScriptVersions::add_routes(Router& router) {
  using R = ScriptVersions;
  add_for_scripts(router, "GET", "/versions", this, &R::list_versions);
  add_for_scripts(router, "POST", "/versions", this, &R::upload_version,
                  pieces_.settings.uploads.max_form_bytes);
  add_for_scripts(router, "GET", "/versions/{version_id}", this, &R::version);
  add_for_scripts(router, "GET", "/deployments", this, &R::list_deployments);
  add_for_scripts(router, "POST", "/deployments", this, &R::deploy);
  add_for_scripts(router, "GET", "/deployments/{deployment_id}", this, &R::deployment);
  add_for_scripts(router, "DELETE", "/deployments/{deployment_id}", this, &R::delete_deployment);
}

Task<Answer<Response>> ScriptVersions::list_versions(Call& call) {
  auto page = read_page_query(call.query);
  CO_CHECK(page);
  auto address = co_await locate_script(pieces_.registry, call);
  CO_CHECK(address);
  auto script = co_await pieces_.registry.scripts.find(address->scope, address->name);
  CO_CHECK(script);
  if (!*script) co_return fail(address->missing());
  // Nobody keeps that many; the cut keeps the number inside the registry's type.
  auto skip = static_cast<unsigned>(std::min<std::size_t>(page->first(), 1'000'000));
  auto versions = co_await pieces_.registry.scripts.list_versions(
      address->scope, address->name, skip, static_cast<unsigned>(page->per_page));
  if (!versions) co_return fail(script_error(*address, std::move(versions.error())));
  Json items = Json::array();
  for (const scripts::Version& version : versions->versions) {
    auto shown = co_await pieces_.targets.show(version.content.bindings);
    CO_CHECK(shown);
    items.push_back(version_view(**script, version, *std::move(shown)));
  }
  Json info = page_info(*page, items.size(), versions->total);
  co_return ok({{"items", std::move(items)}}, std::move(info));
}

Task<Answer<Response>> ScriptVersions::upload_version(Call& call) {
  auto address = co_await locate_script(pieces_.registry, call);
  CO_CHECK(address);
  auto published =
      co_await pieces_.publisher.upload(call, *std::move(address), Publisher::Then::OnlyUpload);
  CO_CHECK(published);
  auto shown = co_await pieces_.targets.show(published->version.content.bindings);
  CO_CHECK(shown);
  co_return ok(version_view(published->script, published->version, *std::move(shown)));
}

Task<Answer<Response>> ScriptVersions::version(Call& call) {
  auto script = co_await load_script(pieces_.registry, call);
  CO_CHECK(script);
  const std::string& id = call.parameter("version_id");
  auto version = co_await pieces_.registry.scripts.find_version(
      script->scope, script->name, id == "latest" ? script->latest_version_id : id);
  CO_CHECK(version);
  if (!*version) co_return fail(version_missing(id));
  auto shown = co_await pieces_.targets.show((*version)->content.bindings);
  CO_CHECK(shown);
  co_return ok(version_view(*script, **version, *std::move(shown)));
}

Task<Answer<Response>> ScriptVersions::list_deployments(Call& call) {
  auto address = co_await locate_script(pieces_.registry, call);
  CO_CHECK(address);
  auto deployments =
      co_await pieces_.registry.scripts.list_deployments(address->scope, address->name);
  if (!deployments) co_return fail(script_error(*address, std::move(deployments.error())));
  std::string since = call.query.text("since");
  std::string until = call.query.text("until");
  Json rows = Json::array();
  for (const scripts::Deployment& deployment : *deployments) {
    std::string created = format_rfc3339(deployment.created_on);
    if ((!since.empty() && created < since) || (!until.empty() && created > until)) continue;
    rows.push_back(deployment_view(deployment));
  }
  co_return ok({{"deployments", std::move(rows)}});
}

Task<Answer<void>> ScriptVersions::check_secrets_unchanged(const ScriptAddress& address,
                                                           const scripts::ScriptState& state,
                                                           const Shares& shares) {
  if (!state.deployed) co_return Answer<void>();
  for (const auto& share : shares) {
    auto target = co_await pieces_.registry.scripts.load_version_with_secrets(
        address.scope, address.name, share.version_id);
    if (!target && target.error().kind() == ErrorKind::NotFound) {
      co_return fail(version_missing(share.version_id));
    }
    CO_CHECK(target);
    if (target->version.number >= state.deployed->version.number) continue;
    std::string names = changed_secrets(target->secrets, state.deployed->secrets);
    if (names.empty()) continue;
    co_return fail(ApiError(400, codes::kSecretsChanged,
                            "Secrets have changed since version " + share.version_id +
                                " was created; use force to deploy it anyway. The following "
                                "secrets have changed: " +
                                names));
  }
  co_return Answer<void>();
}

Task<Answer<Response>> ScriptVersions::deploy(Call& call) {
  auto address = co_await locate_script(pieces_.registry, call);
  CO_CHECK(address);
  auto body = json_object_body(call);
  CO_CHECK(body);
  auto shares = read_shares(*body);
  CO_CHECK(shares);
  auto state = co_await pieces_.registry.scripts.load_state(address->scope, address->name);
  CO_CHECK(state);
  if (!*state) co_return fail(address->missing());
  if (!call.query.is_true("force")) {
    auto unchanged = co_await check_secrets_unchanged(*address, **state, *shares);
    CO_CHECK(unchanged);
  }
  bool goes_back = false;
  for (const auto& share : *shares) {
    auto version = co_await pieces_.registry.scripts.find_version(address->scope, address->name,
                                                                  share.version_id);
    CO_CHECK(version);
    if (!*version) co_return fail(version_missing(share.version_id));
    goes_back = shares->size() == 1 && (*state)->deployed &&
                (*version)->number < (*state)->deployed->version.number;
  }
  scripts::DeploymentDraft draft;
  draft.versions = *std::move(shares);
  draft.source = caller_source(call.request);
  draft.author = call.identity.token.user;
  if (const Json& sent = json_member(*body, "annotations"); sent.is_object()) {
    draft.annotations = sent;
  }
  draft.annotations["workers/triggered_by"] = goes_back ? "rollback" : "promotion";
  auto deployment = co_await pieces_.registry.scripts.create_deployment(
      address->scope, address->name, std::move(draft));
  if (!deployment) co_return fail(script_error(*address, std::move(deployment.error())));
  co_return ok(deployment_view(*deployment));
}

Task<Answer<Response>> ScriptVersions::deployment(Call& call) {
  auto script = co_await load_script(pieces_.registry, call);
  CO_CHECK(script);
  const std::string& id = call.parameter("deployment_id");
  auto found = co_await pieces_.registry.scripts.find_deployment(script->scope, script->name, id);
  CO_CHECK(found);
  if (!*found) {
    co_return fail(ApiError(404, codes::kVersionMissing,
                            "Deployment " + id.substr(0, 64) + " does not exist"));
  }
  co_return ok(deployment_view(**found));
}

Task<Answer<Response>> ScriptVersions::delete_deployment(Call& call) {
  auto script = co_await load_script(pieces_.registry, call);
  CO_CHECK(script);
  const std::string& id = call.parameter("deployment_id");
  auto removed =
      co_await pieces_.registry.scripts.delete_deployment(script->scope, script->name, id);
  if (!removed && removed.error().kind() == ErrorKind::NotFound) {
    co_return fail(ApiError(404, codes::kVersionMissing,
                            "Deployment " + id.substr(0, 64) + " does not exist"));
  }
  if (!removed && removed.error().kind() == ErrorKind::Conflict) {
    co_return fail(malformed("The active deployment cannot be deleted"));
  }
  CO_CHECK(removed);
  co_return ok(nullptr);
}

}  // namespace atoll::management
