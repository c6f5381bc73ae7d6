#include "scripts/trust_groups.h"

#include <algorithm>

#include "scripts/change.h"
#include "scripts/keys.h"

namespace atoll::scripts {
namespace {

std::string to_text(const TrustGroup& group) {
  Json members = Json::array();
  for (const TrustGroup::Member& member : group.scripts) {
    members.push_back({{"namespace_id", member.namespace_id}, {"script", member.script}});
  }
  return dump_json({{"account_id", group.account_id},
                    {"name", group.name},
                    {"namespaces", group.namespace_ids},
                    {"scripts", members}});
}

TrustGroup from_text(const std::string& text) {
  TrustGroup group;
  auto json = parse_json(text);
  if (!json) return group;
  group.account_id = json_string(*json, "account_id");
  group.name = json_string(*json, "name");
  for (const Json& id : json_member(*json, "namespaces")) {
    if (id.is_string()) group.namespace_ids.push_back(id.get<std::string>());
  }
  for (const Json& member : json_member(*json, "scripts")) {
    group.scripts.push_back({json_string(member, "namespace_id"), json_string(member, "script")});
  }
  return group;
}

Result<void> check(const TrustGroup& group) {
  bool fits =
      !group.name.empty() && group.name.size() <= 63 && std::ranges::all_of(group.name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
      });
  if (!fits) {
    return fail(
        invalid_input("a trust group's name has 1 to 63 letters, digits, hyphens and underscores"));
  }
  if (group.namespace_ids.size() + group.scripts.size() > TrustGroups::kMaxMembers) {
    return fail(invalid_input("a trust group has at most 1,000 members"));
  }
  return {};
}

bool share_a_member(const TrustGroup& left, const TrustGroup& right) {
  return std::ranges::find_first_of(left.namespace_ids, right.namespace_ids) !=
             left.namespace_ids.end() ||
         std::ranges::find_first_of(left.scripts, right.scripts) != left.scripts.end();
}

}  // namespace

Task<Result<void>> TrustGroups::put(TrustGroup group) {
  auto fits = check(group);
  CO_CHECK(fits);
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    // Two groups that are made at the same time meet at the account's record.
    auto account = co_await change.read(keys::account(group.account_id));
    CO_CHECK(account);
    if (!*account) co_return fail(not_found("there is no such account"));
    auto others = co_await change.read_all(keys::trust_groups_of(group.account_id));
    CO_CHECK(others);
    for (const auto& record : *others) {
      TrustGroup other = from_text(record.value);
      if (other.name == group.name || !share_a_member(group, other)) continue;
      co_return fail(name_taken("a member is in trust group " + other.name + " already"));
    }
    change.put(keys::account(group.account_id), **account);
    change.put(keys::trust_group(group.account_id, group.name), to_text(group));
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (*committed) co_return Result<void>();
  }
  co_return fail(overtaken());
}

Task<Result<std::vector<TrustGroup>>> TrustGroups::list(std::string account_id) {
  auto records = co_await scan_all(backing_.meta, keys::trust_groups_of(account_id));
  CO_CHECK(records);
  std::vector<TrustGroup> groups;
  for (const auto& record : *records) groups.push_back(from_text(record.value));
  co_return groups;
}

Task<Result<std::vector<TrustGroup>>> TrustGroups::list_all() {
  auto records = co_await scan_all(backing_.meta, keys::trust_groups());
  CO_CHECK(records);
  std::vector<TrustGroup> groups;
  for (const auto& record : *records) groups.push_back(from_text(record.value));
  co_return groups;
}

Task<Result<void>> TrustGroups::remove(std::string account_id, std::string name) {
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    std::string key = keys::trust_group(account_id, name);
    auto stored = co_await change.read(key);
    CO_CHECK(stored);
    if (!*stored) co_return fail(not_found("there is no such trust group"));
    change.remove(key);
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (*committed) co_return Result<void>();
  }
  co_return fail(overtaken());
}

}  // namespace atoll::scripts
