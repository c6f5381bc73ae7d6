// Where a script's name is unique: an account, or one of its dispatch namespaces.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace atoll::scripts {

struct Scope {
  std::string account_id;
  std::string namespace_id;  // of a dispatch namespace; empty for account-level scripts

  bool account_level() const { return namespace_id.empty(); }
  bool operator==(const Scope&) const = default;
};

// InvalidInput with the rule that was broken. Account-level names become hostnames:
// ^[a-z0-9][a-z0-9_-]{0,62}$. Names in a dispatch namespace: 1 to 255 bytes of UTF-8 without
// control characters and '/'.
Result<void> check_script_name(const Scope& scope, std::string_view name);

// 1 to 63 characters of [A-Za-z0-9_-].
Result<void> check_dispatch_namespace_name(std::string_view name);

}  // namespace atoll::scripts
