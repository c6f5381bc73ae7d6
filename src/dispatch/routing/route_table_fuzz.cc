// Any patterns and any request: the table finds what looking at every pattern finds. Lines: host,
// path, then patterns.
#include <algorithm>
#include <cstdint>
#include <map>

#include "base/check.h"
#include "dispatch/routing/route_table.h"

namespace {

using namespace atoll::dispatch;

bool matches_host(const RoutePattern& pattern, const std::string& host) {
  switch (pattern.host_kind) {
    case RoutePattern::Host::Any:
      return true;
    case RoutePattern::Host::Suffix:
      if (pattern.host.starts_with('.') && host.size() == pattern.host.size()) return false;
      return host.ends_with(pattern.host);
    default:
      return host == pattern.host;
  }
}

// Greater is more specific.
auto rank(const RoutePattern& pattern) {
  int kind = pattern.host_kind == RoutePattern::Host::Exact    ? 2
             : pattern.host_kind == RoutePattern::Host::Suffix ? 1
                                                               : 0;
  return std::tuple(kind, pattern.host.size(), pattern.path.size(), !pattern.path_is_prefix);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxLines = 40;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> lines;
  while (!text.empty() && lines.size() < kMaxLines) {
    std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (lines.size() < 3) return 0;

  RouteTable table;
  std::map<std::string, RoutePattern> known;
  for (std::size_t i = 2; i < lines.size(); ++i) {
    auto pattern = parse_route_pattern(lines[i]);
    std::string id = std::to_string(i % 16);  // so that some replace others
    CHECK(table.set(id, lines[i], i).has_value() == pattern.has_value());
    if (pattern) known[id] = *pattern;
    // What a pattern becomes within a zone is a pattern of that zone.
    for (const std::string& within : patterns_within_zone(lines[i], "example.com")) {
      auto parsed = parse_route_pattern(within);
      CHECK(parsed && parsed->host_kind != RoutePattern::Host::Any);
      CHECK(parsed->host == "example.com" || parsed->host.ends_with(".example.com"));
    }
  }
  CHECK(table.size() == known.size());

  const RoutePattern* best = nullptr;
  std::string host = normalize_host(lines[0]);
  for (const auto& [id, pattern] : known) {
    if (!matches_host(pattern, host) || !pattern.matches_path(lines[1])) continue;
    if (best == nullptr || rank(pattern) > rank(*best)) best = &pattern;
  }
  const RouteTable::Target* found = table.find(lines[0], lines[1]);
  CHECK((found == nullptr) == (best == nullptr));
  if (found != nullptr) CHECK(rank(known.at(found->route_id)) == rank(*best));
  for (const auto& [id, pattern] : known) table.remove(id);
  CHECK(table.size() == 0 && table.find(lines[0], lines[1]) == nullptr);
  return 0;
}
