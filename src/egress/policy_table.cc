#include "egress/policy_table.h"

namespace atoll::egress {
namespace {

// Ids and names hold no NUL byte, so the parts cannot run into each other.
std::string key_of(std::string_view account, std::string_view space, std::string_view script) {
  std::string key(account);
  key.append(1, '\0').append(space).append(1, '\0').append(script);
  return key;
}

template <typename Quota>
void set_if_free(std::optional<Quota>& member, const std::optional<Quota>& value) {
  if (!member) member = value;
}

}  // namespace

bool PolicyTarget::covers(const Request& request) const {
  return account_id == request.account_id && namespace_id == request.namespace_id &&
         (script.empty() || script == request.script);
}

void PolicyTable::set(const PolicyTarget& target, ScriptPolicy policy) {
  policies_.insert_or_assign(key_of(target.account_id, target.namespace_id, target.script),
                             std::move(policy));
}

void PolicyTable::remove(const PolicyTarget& target) {
  policies_.erase(key_of(target.account_id, target.namespace_id, target.script));
}

void PolicyTable::Applied::add(const ScriptPolicy& policy, std::string_view level) {
  policies_[count_++] = {&policy, level};
  // A number of bytes and the window it is for belong together.
  if (!quotas_.bytes_per_window) {
    quotas_.bytes_per_window = policy.quotas.bytes_per_window;
    quotas_.window_seconds = policy.quotas.window_seconds;
  }
  set_if_free(quotas_.connections, policy.quotas.connections);
  set_if_free(quotas_.new_connections_per_minute, policy.quotas.new_connections_per_minute);
}

PolicyTable::Applied PolicyTable::of(const Request& request) const {
  Applied applied;
  if (policies_.empty()) return applied;
  auto add = [&](std::string_view script, std::string_view level) {
    auto found = policies_.find(key_of(request.account_id, request.namespace_id, script));
    if (found != policies_.end()) applied.add(found->second, level);
  };
  add(request.script, "script");
  add("", "namespace");
  return applied;
}

}  // namespace atoll::egress
