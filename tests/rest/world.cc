#include "world.h"

namespace atoll::rest_test {
namespace {

Task<void> add_account(scripts::Registry& registry, std::string id, std::string name,
                       std::string token_secret) {
  scripts::Account account;
  account.id = id;
  account.name = name;
  account.subdomain = name;
  account.created_on = wall_now();
  auto stored = co_await registry.accounts.put_account(account);
  CHECK(stored);
  scripts::ApiToken token;
  token.account_id = id;
  token.name = "test";
  token.user = {"fedcba9876543210fedcba9876543210", "dev@example.com"};
  token.created_on = wall_now();
  auto stored_token = co_await registry.accounts.put_token(token_secret, token);
  CHECK(stored_token);
}

}  // namespace

Task<void> World::populate() {
  co_await add_account(registry, std::string(kAccount), "acme", std::string(kToken));
  co_await add_account(registry, "ffffffffffffffffffffffffffffffff", "other", "other-token");
}

}  // namespace atoll::rest_test
