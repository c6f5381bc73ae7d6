// Accounts, the API tokens that act for them, and their zones.
// Promises common to all registry classes are in registry.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scripts/backing.h"
#include "scripts/records.h"

namespace atoll::scripts {

class Accounts {
 public:
  explicit Accounts(Backing backing) : backing_(backing) {}

  // Creates or replaces, `created_on` of an existing one is kept. InvalidInput for a bad id or
  // subdomain. Conflict when another account has the subdomain.
  Task<Result<Account>> put_account(Account account);
  Task<Result<std::optional<Account>>> find_account(std::string id);
  Task<Result<std::optional<Account>>> find_account_by_subdomain(std::string subdomain);
  Task<Result<std::vector<Account>>> list_accounts();

  // Stores the token's hash under token.id (made up when empty). A token already stored is
  // replaced, so the bootstrap token may be put at every start.
  Task<Result<ApiToken>> put_token(std::string secret, ApiToken token);
  // The token whose secret this is, unless it has expired. Nothing else tells a wrong from an
  // absent one.
  Task<Result<std::optional<ApiToken>>> find_token(std::string secret);
  Task<Result<std::vector<ApiToken>>> list_tokens(std::string account_id);
  Task<Result<void>> delete_token(std::string account_id, std::string token_id);  // NotFound

  // `zone.id` is made up when empty; an existing zone of that id is replaced. The name is folded to
  // lower case. Conflict when another zone has the name; NotFound without the account.
  Task<Result<Zone>> put_zone(Zone zone);
  Task<Result<std::optional<Zone>>> find_zone(std::string id);
  Task<Result<std::optional<Zone>>> find_zone_by_name(std::string name);
  // The zone whose name is the longest suffix of `hostname` by whole labels.
  Task<Result<std::optional<Zone>>> find_zone_of_hostname(std::string hostname);
  Task<Result<std::vector<Zone>>> list_zones(std::string account_id);
  Task<Result<void>> delete_zone(std::string id);  // with its routes; NotFound

 private:
  Backing backing_;
};

}  // namespace atoll::scripts
