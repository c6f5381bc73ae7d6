// Who is in which trust group, for the supervisor to look up whenever a script is loaded.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scripts/trust_groups.h"

namespace atoll::sandbox {

class GroupMembers {
 public:
  // All groups there are.
  void set(const std::vector<scripts::TrustGroup>& groups);

  // "<account>/<group>"; nothing for who is in none.
  std::optional<std::string> group_of(const scripts::Scope& scope, const std::string& script) const;

  // Keys of the scripts, and of namespaces with a '/' at the end, whose group differs in `other`.
  std::vector<std::string> differences(const GroupMembers& other) const;

 private:
  // By script key; that of a namespace is its scripts' common part, "<account>/<namespace>/".
  std::map<std::string, std::string> groups_;
};

}  // namespace atoll::sandbox
