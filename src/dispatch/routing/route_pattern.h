// Route patterns: host[/path], where the host may begin with `*` or `*.` and the path may end with
// `*`. "example.com/shop/*", "*.example.com/*", "*/*".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace atoll::dispatch {

struct RoutePattern {
  enum class Host { Exact, Suffix, Any };

  Host host_kind = Host::Exact;
  std::string host;  // lower case; for Suffix what must follow the `*`, a leading dot included
  std::string path;  // without the trailing `*`; begins with '/'
  bool path_is_prefix = false;

  bool matches_path(std::string_view request_path) const {
    return path_is_prefix ? request_path.starts_with(path) : request_path == path;
  }
};

// Accepts an optional http:// or https:// in front. InvalidInput says what is wrong: a `*`
// elsewhere, a query, an empty host.
Result<RoutePattern> parse_route_pattern(std::string_view text);

// A zone's pattern says nothing about other zones: "*/*" of example.com means example.com/* and
// *.example.com/*, and "*example.com/*" does not mean notexample.com. The patterns, as text, that
// stand for `text` on the whole platform; none when its host lies outside the zone.
std::vector<std::string> patterns_within_zone(std::string_view text, std::string_view zone);

// Lower case, without port and trailing dot: what hosts are compared by.
std::string normalize_host(std::string_view host);

}  // namespace atoll::dispatch
