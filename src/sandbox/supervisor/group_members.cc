#include "sandbox/supervisor/group_members.h"

#include "sandbox/supervisor/loaded_script.h"

namespace atoll::sandbox {

void GroupMembers::set(const std::vector<scripts::TrustGroup>& groups) {
  groups_.clear();
  for (const scripts::TrustGroup& group : groups) {
    std::string name = group.account_id + "/" + group.name;
    for (const std::string& id : group.namespace_ids) {
      groups_[script_key({group.account_id, id}, "")] = name;
    }
    for (const auto& member : group.scripts) {
      groups_[script_key({group.account_id, member.namespace_id}, member.script)] = name;
    }
  }
}

std::optional<std::string> GroupMembers::group_of(const scripts::Scope& scope,
                                                  const std::string& script) const {
  if (groups_.empty()) return std::nullopt;
  auto found = groups_.find(script_key(scope, script));
  if (found == groups_.end() && !scope.account_level()) {
    found = groups_.find(script_key(scope, ""));
  }
  if (found == groups_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> GroupMembers::differences(const GroupMembers& other) const {
  std::vector<std::string> keys;
  for (const auto& [key, group] : groups_) {
    auto found = other.groups_.find(key);
    if (found == other.groups_.end() || found->second != group) keys.push_back(key);
  }
  for (const auto& [key, group] : other.groups_) {
    if (!groups_.contains(key)) keys.push_back(key);
  }
  return keys;
}

}  // namespace atoll::sandbox
