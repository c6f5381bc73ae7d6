#include "compatibility/flags.h"

#include <algorithm>

namespace atoll::compatibility {
namespace {

constexpr bool by_name(const Flag& flag, std::string_view name) { return flag.name < name; }

static_assert(std::is_sorted(kFlags.begin(), kFlags.end(),
                             [](const Flag& a, const Flag& b) { return a.name < b.name; }));

const Flag* find_flag(std::string_view name) {
  auto found = std::lower_bound(kFlags.begin(), kFlags.end(), name, by_name);
  return found != kFlags.end() && found->name == name ? &*found : nullptr;
}

bool contains(const std::vector<std::string>& flags, std::string_view name) {
  return !name.empty() && std::find(flags.begin(), flags.end(), name) != flags.end();
}

bool is_opposite(std::string_view name) {
  return std::any_of(kFlags.begin(), kFlags.end(),
                     [&](const Flag& flag) { return !name.empty() && flag.opposite == name; });
}

}  // namespace

FlagSet::FlagSet(std::string_view date, const std::vector<std::string>& flags) {
  for (std::size_t i = 0; i < kFlags.size(); ++i) {
    const Flag& flag = kFlags[i];
    bool by_date = !flag.since.empty() && date >= flag.since;
    on_[i] = contains(flags, flag.name) || (by_date && !contains(flags, flag.opposite));
  }
  // One implied flag may imply another.
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < kFlags.size(); ++i) {
      const Flag& flag = kFlags[i];
      if (on_[i] || flag.implied_since.empty() || date < flag.implied_since) continue;
      if (contains(flags, flag.opposite)) continue;
      on_[i] = has_named(flag.implied_by[0]) || has_named(flag.implied_by[1]);
      changed = changed || on_[i];
    }
  }
}

bool FlagSet::has_named(std::string_view name) const {
  const Flag* flag = find_flag(name);
  return flag != nullptr && on_[static_cast<std::size_t>(flag - kFlags.data())];
}

Result<void> check_flags(const std::vector<std::string>& flags) {
  for (auto name = flags.begin(); name != flags.end(); ++name) {
    const Flag* flag = find_flag(*name);
    if (flag == nullptr && !is_opposite(*name)) {
      return fail(invalid_input("No such compatibility flag: " + name->substr(0, 100)));
    }
    if (std::find(flags.begin(), name, *name) != name) {
      return fail(invalid_input("Compatibility flag specified multiple times: " + *name));
    }
    if (flag != nullptr && contains(flags, flag->opposite)) {
      return fail(invalid_input("Compatibility flags are mutually contradictory: " + *name +
                                " vs " + std::string(flag->opposite)));
    }
  }
  return {};
}

}  // namespace atoll::compatibility
