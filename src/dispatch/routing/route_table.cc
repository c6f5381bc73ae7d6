#include "dispatch/routing/route_table.h"

#include <algorithm>

namespace atoll::dispatch {
namespace {

bool more_specific(const RoutePattern& left, const RoutePattern& right) {
  if (left.path.size() != right.path.size()) return left.path.size() > right.path.size();
  return !left.path_is_prefix && right.path_is_prefix;
}

}  // namespace

RouteTable::Rules* RouteTable::rules_for(const RoutePattern& pattern) {
  switch (pattern.host_kind) {
    case RoutePattern::Host::Exact:
      return &exact_[pattern.host];
    case RoutePattern::Host::Any:
      return &any_;
    case RoutePattern::Host::Suffix:
      break;
  }
  auto found = std::ranges::find(suffixes_, pattern.host, &std::pair<std::string, Rules>::first);
  if (found != suffixes_.end()) return &found->second;
  auto place = std::ranges::find_if(
      suffixes_, [&](const auto& entry) { return entry.first.size() < pattern.host.size(); });
  return &suffixes_.emplace(place, pattern.host, Rules())->second;
}

Result<void> RouteTable::set(const std::string& id, std::string_view text, std::uint64_t script) {
  RoutePattern pattern = TRY(parse_route_pattern(text));
  remove(id);
  Rules& rules = *rules_for(pattern);
  auto place = std::ranges::find_if(
      rules, [&](const Rule& rule) { return more_specific(pattern, rule.pattern); });
  rules.insert(place, Rule{pattern, {id, script}});
  patterns_.emplace(id, std::move(pattern));
  return {};
}

void RouteTable::remove(const std::string& id) {
  auto known = patterns_.find(id);
  if (known == patterns_.end()) return;
  RoutePattern pattern = std::move(known->second);
  patterns_.erase(known);
  Rules& rules = *rules_for(pattern);
  std::erase_if(rules, [&](const Rule& rule) { return rule.target.route_id == id; });
  if (!rules.empty()) return;
  if (pattern.host_kind == RoutePattern::Host::Exact) exact_.erase(pattern.host);
  if (pattern.host_kind == RoutePattern::Host::Suffix) {
    std::erase_if(suffixes_, [](const auto& entry) { return entry.second.empty(); });
  }
}

const RouteTable::Target* RouteTable::first_match(const Rules& rules, std::string_view path) {
  for (const Rule& rule : rules) {
    if (rule.pattern.matches_path(path)) return &rule.target;
  }
  return nullptr;
}

const RouteTable::Target* RouteTable::find(std::string_view host, std::string_view path) const {
  std::string name = normalize_host(host);
  if (auto found = exact_.find(std::string_view(name)); found != exact_.end()) {
    if (const Target* target = first_match(found->second, path)) return target;
  }
  for (const auto& [suffix, rules] : suffixes_) {
    // "*.example.com" needs a label in front of the dot; "*example.com" also means the name itself.
    bool fits = suffix.starts_with('.') ? name.size() > suffix.size() : true;
    if (fits && name.ends_with(suffix)) {
      if (const Target* target = first_match(rules, path)) return target;
    }
  }
  return first_match(any_, path);
}

}  // namespace atoll::dispatch
