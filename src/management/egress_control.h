// Who may reach what outside, and who did. The supervisor's gate knows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "scripts/scope.h"

namespace atoll::management {

class EgressControl {
 public:
  virtual ~EgressControl() = default;

  // InvalidInput when the policy is none; the message names rule and member.
  virtual Result<void> check(const Json& policy) = 0;
  // The registry's record for that script (empty: for all of the scope) has changed. It is in force
  // when the task completes.
  virtual Task<Result<void>> policy_changed(scripts::Scope scope, std::string script) = 0;

  struct AuditQuery {
    std::string account_id;
    std::optional<std::string> namespace_id;  // empty: of account-level scripts
    std::string script;                       // empty ones are left out
    std::string host;
    std::string verdict;
    std::string event;
    std::optional<WallTime> since;
    std::optional<WallTime> until;
    std::size_t limit = 100;
    std::string cursor;
  };
  struct AuditPage {
    std::vector<Json> rows;  // the newest first
    std::string cursor;      // empty: there are no older ones
  };
  // InvalidInput for a cursor or a host that is none.
  virtual Task<Result<AuditPage>> audit(AuditQuery query) = 0;
};

}  // namespace atoll::management
