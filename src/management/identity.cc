#include "management/identity.h"

namespace atoll::management {
namespace {

ApiError authentication_error(unsigned status) {
  return {status, codes::kAuthentication, "Authentication error"};
}

}  // namespace

Answer<std::string> read_credentials(const Request& request) {
  constexpr std::size_t kMaxSecretBytes = 4096;
  std::string secret;
  std::string_view field = request.field("authorization");
  std::size_t space = field.find(' ');
  if (lower_case(field.substr(0, space)) == "bearer") {
    std::string_view token =
        space == std::string_view::npos ? std::string_view() : trim(field.substr(space + 1));
    if (token.empty() || token.find(' ') != std::string_view::npos) {
      return fail(ApiError(400, codes::kMalformedCredentials,
                           "Invalid request headers: Authorization must be \"Bearer <token>\""));
    }
    secret = std::string(token);
  } else if (!request.field("x-auth-email").empty()) {
    secret = std::string(trim(request.field("x-auth-key")));
  }
  if (secret.empty() || secret.size() > kMaxSecretBytes) return fail(authentication_error(401));
  return secret;
}

Task<Answer<Identity>> authenticate(scripts::Accounts& accounts, const Request& request) {
  Answer<std::string> secret = read_credentials(request);
  CO_CHECK(secret);
  auto token = co_await accounts.find_token(*std::move(secret));
  CO_CHECK(token);
  if (!*token) co_return fail(authentication_error(401));
  auto account = co_await accounts.find_account((*token)->account_id);
  CO_CHECK(account);
  if (!*account) co_return fail(authentication_error(401));
  co_return Identity{**std::move(token), **std::move(account)};
}

Answer<void> authorize_account(const Identity& identity, std::string_view account_id) {
  if (identity.account.id != account_id) return fail(authentication_error(403));
  return {};
}

}  // namespace atoll::management
