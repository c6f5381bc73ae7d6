// Who makes a request: the token it carried and the account that token acts for.
#pragma once

#include <string>
#include <string_view>

#include "async/task.h"
#include "management/api_error.h"
#include "management/request.h"
#include "scripts/accounts.h"

namespace atoll::management {

struct Identity {
  scripts::ApiToken token;
  scripts::Account account;
};

// The secret a request carries: `Authorization: Bearer …`, or X-Auth-Key with X-Auth-Email.
// 401/10000 where there is none, or another scheme; 400/6003 for a Bearer without a token.
Answer<std::string> read_credentials(const Request& request);

// Looks the secret up. 401/10000 for a secret that is no known token's.
Task<Answer<Identity>> authenticate(scripts::Accounts& accounts, const Request& request);

// 403/10000 unless the path's account is the token's.
Answer<void> authorize_account(const Identity& identity, std::string_view account_id);

}  // namespace atoll::management
