#include "bindings/fetch/origin_url.h"

#include <charconv>

namespace atoll::bindings {

std::optional<OriginUrl> origin_url(std::string_view url) {
  OriginUrl parts;
  if (url.starts_with("https://")) {
    parts.is_secure = true;
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  url = url.substr(0, url.find('#'));
  std::size_t path_begin = url.find_first_of("/?");
  std::string_view authority = url.substr(0, path_begin);
  if (path_begin != std::string_view::npos) parts.path = url.substr(path_begin);
  if (!parts.path.starts_with('/')) parts.path.insert(0, "/");

  if (std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    authority.remove_prefix(at + 1);
  }
  parts.host_header = authority;
  std::string_view host = authority;
  std::string_view port;
  std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) return std::nullopt;
  parts.host = host;
  parts.port = parts.is_secure ? 443 : 80;
  if (!port.empty()) {
    auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), parts.port);
    if (error != std::errc() || end != port.data() + port.size()) return std::nullopt;
  }
  return parts;
}

}  // namespace atoll::bindings
