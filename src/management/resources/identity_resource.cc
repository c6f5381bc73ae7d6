#include "management/resources/identity_resource.h"

namespace atoll::management {
namespace {

Json account_view(const scripts::Account& account) {
  return {{"id", account.id},
          {"name", account.name},
          {"type", "standard"},
          {"settings", account.settings},
          {"created_on", format_rfc3339(account.created_on)}};
}

Json membership_view(const Identity& identity) {
  return {{"id", identity.token.id},
          {"status", "accepted"},
          {"account", {{"id", identity.account.id}, {"name", identity.account.name}}},
          {"roles", Json::array({"Administrator"})}};
}

}  // namespace

void IdentityResource::add_routes(Router& router) {
  using R = IdentityResource;
  router.add("GET", "/user", this, &R::user);
  router.add("GET", "/user/tokens/verify", this, &R::verify_token);
  router.add("GET", "/accounts", this, &R::list_accounts);
  router.add("GET", "/accounts/{account_id}", this, &R::account);
  router.add("GET", "/accounts/{account_id}/tokens/verify", this, &R::verify_token);
  router.add("GET", "/memberships", this, &R::list_memberships);
  router.add("GET", "/memberships/{membership_id}", this, &R::membership);
  router.add("GET", "/accounts/{account_id}/workers/account-settings", this, &R::account_settings);
  router.add("PUT", "/accounts/{account_id}/workers/account-settings", this,
             &R::change_account_settings);
  router.add("GET", "/accounts/{account_id}/workers/subdomain", this, &R::subdomain);
  router.add("PUT", "/accounts/{account_id}/workers/subdomain", this, &R::change_subdomain);
  router.add("GET", "/accounts/{account_id}/workers/subdomains/{subdomain}", this,
             &R::probe_subdomain);
}

Task<Answer<Response>> IdentityResource::user(Call& call) {
  const scripts::Author& user = call.identity.token.user;
  co_return ok({{"id", user.id},
                {"email", user.email},
                {"first_name", nullptr},
                {"last_name", nullptr},
                {"two_factor_authentication_enabled", false},
                {"suspended", false}});
}

Task<Answer<Response>> IdentityResource::verify_token(Call& call) {
  Json token = {{"id", call.identity.token.id}, {"status", "active"}};
  if (call.identity.token.expires_on) {
    token["expires_on"] = format_rfc3339(*call.identity.token.expires_on);
  }
  co_return ok(std::move(token));
}

Task<Answer<Response>> IdentityResource::list_accounts(Call& call) {
  auto page = read_page_query(call.query);
  CO_CHECK(page);
  Json accounts = Json::array();
  std::string name = call.query.text("name");
  if (name.empty() || name == call.identity.account.name) {
    accounts.push_back(account_view(call.identity.account));
  }
  co_return page_of(accounts, *page);
}

Task<Answer<Response>> IdentityResource::account(Call& call) {
  co_return ok(account_view(call.identity.account));
}

Task<Answer<Response>> IdentityResource::list_memberships(Call& call) {
  auto page = read_page_query(call.query);
  CO_CHECK(page);
  co_return page_of(Json::array({membership_view(call.identity)}), *page);
}

Task<Answer<Response>> IdentityResource::membership(Call& call) {
  if (call.parameter("membership_id") != call.identity.token.id) {
    co_return fail(ApiError(404, codes::kUnknownPath, "No such membership"));
  }
  co_return ok(membership_view(call.identity));
}

Task<Answer<Response>> IdentityResource::account_settings(Call& call) {
  const Json& settings = call.identity.account.settings;
  co_return ok({{"default_usage_model", json_string(settings, "default_usage_model", "standard")},
                {"green_compute", json_bool(settings, "green_compute", false)}});
}

Task<Answer<Response>> IdentityResource::change_account_settings(Call& call) {
  auto body = json_object_body(call);
  CO_CHECK(body);
  scripts::Account account = call.identity.account;
  for (const char* member : {"default_usage_model", "green_compute"}) {
    const Json& value = json_member(*body, member);
    if (!value.is_null()) account.settings[member] = value;
  }
  auto saved = co_await pieces_.registry.accounts.put_account(std::move(account));
  CO_CHECK(saved);
  call.identity.account = *std::move(saved);
  co_return co_await account_settings(call);
}

// wrangler cannot go on without one, so an account that never chose has its id as a nominal one.
Task<Answer<Response>> IdentityResource::subdomain(Call& call) {
  const scripts::Account& account = call.identity.account;
  co_return ok({{"subdomain", account.subdomain.empty() ? account.id : account.subdomain}});
}

Task<Answer<Response>> IdentityResource::change_subdomain(Call& call) {
  auto body = json_object_body(call);
  CO_CHECK(body);
  auto subdomain = required_string(*body, "subdomain");
  CO_CHECK(subdomain);
  scripts::Account account = call.identity.account;
  account.subdomain = *std::move(subdomain);
  auto saved = co_await pieces_.registry.accounts.put_account(std::move(account));
  if (!saved && saved.error().kind() == ErrorKind::Conflict) {
    co_return fail(ApiError(409, codes::kSubdomainTaken, saved.error().message()));
  }
  CO_CHECK(saved);
  co_return ok({{"subdomain", saved->subdomain}});
}

// Answers through its error: 10031 taken, 10032 free.
Task<Answer<Response>> IdentityResource::probe_subdomain(Call& call) {
  const std::string& subdomain = call.parameter("subdomain");
  auto owner = co_await pieces_.registry.accounts.find_account_by_subdomain(subdomain);
  CO_CHECK(owner);
  if (*owner) {
    co_return fail(ApiError(409, codes::kSubdomainTaken, "This subdomain is taken"));
  }
  co_return fail(ApiError(404, codes::kSubdomainFree, "This subdomain is available"));
}

}  // namespace atoll::management
