#include "dispatch/routing/route_pattern.h"

namespace atoll::dispatch {

std::string normalize_host(std::string_view host) {
  if (host.starts_with('[')) {
    host = host.substr(0, host.find(']') + 1);  // IPv6; npos + 1 is the whole
  } else {
    host = host.substr(0, host.rfind(':'));
  }
  if (host.ends_with('.')) host.remove_suffix(1);
  std::string lower(host);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

Result<RoutePattern> parse_route_pattern(std::string_view text) {
  auto refuse = [&](std::string_view why) {
    return fail(invalid_input("route pattern \"" + std::string(text) + "\" " + std::string(why)));
  };
  std::string_view rest = text;
  for (std::string_view scheme : {"http://", "https://"}) {
    if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
  }
  if (rest.find('?') != std::string_view::npos) return refuse("has a query");
  std::size_t slash = rest.find('/');
  std::string_view host = rest.substr(0, slash);
  std::string_view path = slash == std::string_view::npos ? "/" : rest.substr(slash);
  if (host.empty()) return refuse("has no host");

  RoutePattern pattern;
  if (host == "*") {
    pattern.host_kind = RoutePattern::Host::Any;
  } else if (host.starts_with('*')) {
    pattern.host_kind = RoutePattern::Host::Suffix;
    host.remove_prefix(1);
    pattern.host = normalize_host(host);
  } else {
    pattern.host = normalize_host(host);
  }
  if (pattern.host.find('*') != std::string::npos) {
    return refuse("has a * that is not at the start of the host");
  }
  // Read again as text, it would be another host.
  if (!pattern.host.starts_with('[') && pattern.host.find(':') != std::string::npos) {
    return refuse("has a host with a colon in it");
  }
  if (path.ends_with('*')) {
    pattern.path_is_prefix = true;
    path.remove_suffix(1);
  }
  if (path.find('*') != std::string_view::npos) {
    return refuse("has a * that is not at the end of the path");
  }
  pattern.path = std::string(path);
  return pattern;
}

std::vector<std::string> patterns_within_zone(std::string_view text, std::string_view zone_name) {
  Result<RoutePattern> pattern = parse_route_pattern(text);
  if (!pattern) return {};
  std::string zone = normalize_host(zone_name);
  std::string path = pattern->path + (pattern->path_is_prefix ? "*" : "");
  bool names_zone = pattern->host == zone;
  bool below_zone = pattern->host.ends_with("." + zone);
  switch (pattern->host_kind) {
    case RoutePattern::Host::Any:
      names_zone = true;
      break;
    case RoutePattern::Host::Suffix:
      // What follows the star holds the dot in front of the zone, so it cannot match outside.
      if (below_zone) return {"*" + pattern->host + path};
      break;
    case RoutePattern::Host::Exact:
      if (names_zone || below_zone) return {pattern->host + path};
      break;
  }
  if (!names_zone) return {};
  return {zone + path, "*." + zone + path};
}

}  // namespace atoll::dispatch
