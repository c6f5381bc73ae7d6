// Hostname and path to Worker: the most specific pattern wins. An exact host beats a wildcard, a
// longer wildcard a shorter one; of one host the longer path wins, an exact path before a prefix.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dispatch/routing/route_pattern.h"

namespace atoll::dispatch {

class RouteTable {
 public:
  struct Target {
    std::string route_id;
    std::uint64_t script = 0;  // a border handle; 0: no Worker answers here
  };

  // Replaces the route of that id.
  Result<void> set(const std::string& id, std::string_view pattern, std::uint64_t script);
  void remove(const std::string& id);

  // `host` as received, `path` without query. Null when nothing matches. Valid until the next
  // change.
  const Target* find(std::string_view host, std::string_view path) const;

  std::size_t size() const { return patterns_.size(); }

 private:
  struct Rule {
    RoutePattern pattern;
    Target target;
  };
  using Rules = std::vector<Rule>;  // most specific path first

  static const Target* first_match(const Rules& rules, std::string_view path);
  Rules* rules_for(const RoutePattern& pattern);

  struct HostHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  boost::unordered_flat_map<std::string, Rules, HostHash, std::equal_to<>> exact_;
  std::vector<std::pair<std::string, Rules>> suffixes_;  // longest first
  Rules any_;
  boost::unordered_flat_map<std::string, RoutePattern> patterns_;  // by route id
};

}  // namespace atoll::dispatch
