// Trust groups: scripts that may share a process with each other and with nobody else.
// Promises common to all registry classes are in registry.h.
#pragma once

#include <string>
#include <vector>

#include "scripts/backing.h"
#include "scripts/records.h"

namespace atoll::scripts {

// A script belongs to a group by itself or, failing that, through its dispatch namespace.
struct TrustGroup {
  struct Member {
    std::string namespace_id;  // empty for an account-level script
    std::string script;
    bool operator==(const Member&) const = default;
  };
  std::string account_id;
  std::string name;  // 1 to 63 of [A-Za-z0-9_-], unique in the account
  std::vector<std::string> namespace_ids;
  std::vector<Member> scripts;
};

class TrustGroups {
 public:
  static constexpr std::size_t kMaxMembers = 1'000;  // of one group

  explicit TrustGroups(Backing backing) : backing_(backing) {}

  // Creates or replaces. InvalidInput for a bad name or too many members; Conflict when a member is
  // in another group.
  Task<Result<void>> put(TrustGroup group);
  Task<Result<std::vector<TrustGroup>>> list(std::string account_id);  // by name
  Task<Result<std::vector<TrustGroup>>> list_all();
  Task<Result<void>> remove(std::string account_id, std::string name);  // NotFound

 private:
  Backing backing_;
};

}  // namespace atoll::scripts
