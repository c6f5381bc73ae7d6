#include "apps/platform/bootstrap.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/random.h"
#include "base/unique_fd.h"

namespace atoll::platform {
namespace {

constexpr const char* kOwner = "owner@localhost";

Result<void> write_secret_file(const std::string& path, const std::string& content) {
  std::string fresh = path + ".new";
  UniqueFd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file) return fail(errno_error("writing " + fresh, errno));
  bool written =
      ::fchmod(file.get(), 0600) == 0 &&
      ::write(file.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
      ::fsync(file.get()) == 0 && ::rename(fresh.c_str(), path.c_str()) == 0;
  if (!written) return fail(errno_error("writing " + path, errno));
  return {};
}

std::string subdomain_of(const std::string& account_id) {
  std::string label = "account-";
  for (char c : account_id.substr(0, 32)) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) label.push_back(c);
  }
  return label.ends_with('-') ? label + "0" : label;
}

Task<Result<void>> add_account(scripts::Registry& registry, std::string id) {
  scripts::Account account;
  account.id = id;
  account.name = "Atoll";
  account.subdomain = subdomain_of(id);
  account.created_on = wall_now();
  auto added = co_await registry.accounts.put_account(std::move(account));
  if (!added) co_return fail(std::move(added.error()).while_doing("bootstrap_account"));
  co_return Result<void>();
}

Task<Result<void>> add_token(scripts::Registry& registry, std::string account_id,
                             std::string secret) {
  auto known = co_await registry.accounts.find_token(secret);
  CO_CHECK(known);
  if (*known && (*known)->account_id == account_id)
    co_return Result<void>();  // of an earlier start
  scripts::ApiToken token;
  token.account_id = std::move(account_id);
  token.name = "bootstrap";
  token.user = {"owner", kOwner};
  token.created_on = wall_now();
  auto added = co_await registry.accounts.put_token(std::move(secret), std::move(token));
  if (!added) co_return fail(std::move(added.error()).while_doing("bootstrap_token"));
  co_return Result<void>();
}

}  // namespace

Task<Result<std::string>> bootstrap(const Settings& settings, scripts::Registry& registry) {
  if (!settings.bootstrap_account.empty()) {
    auto known = co_await registry.accounts.find_account(settings.bootstrap_account);
    CO_CHECK(known);
    if (!*known) {
      auto added = co_await add_account(registry, settings.bootstrap_account);
      CO_CHECK(added);
    }
    auto added = co_await add_token(registry, settings.bootstrap_account, settings.bootstrap_token);
    CO_CHECK(added);
    co_return settings.bootstrap_account;
  }
  auto accounts = co_await registry.accounts.list_accounts();
  CO_CHECK(accounts);
  if (!accounts->empty()) {
    co_return std::ranges::min_element(*accounts, {}, &scripts::Account::created_on)->id;
  }
  // The token first, the account last: a start that is interrupted begins anew.
  std::string id = random_hex(16);
  std::string secret = random_hex(20);
  auto written = write_secret_file(settings.data + "/api-token", secret + "\n");
  CO_CHECK(written);
  auto account = co_await add_account(registry, id);
  CO_CHECK(account);
  auto token = co_await add_token(registry, id, secret);
  CO_CHECK(token);
  co_return id;
}

}  // namespace atoll::platform
