// The parts of a URL that an HTTP request is made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atoll::bindings {

struct OriginUrl {
  bool is_secure = false;
  std::string host;         // an IPv6 address without brackets
  std::uint16_t port = 0;   // the scheme's own where the URL has none
  std::string host_header;  // "name" or "name:port", brackets included
  std::string path;         // "/path?query"
};

// `url` as the URL standard serialises it. User information and fragment are left out. Nothing for
// other schemes than http and https.
std::optional<OriginUrl> origin_url(std::string_view url);

}  // namespace atoll::bindings
