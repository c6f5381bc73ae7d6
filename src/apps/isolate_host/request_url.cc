#include "apps/isolate_host/request_url.h"

#include "js/node_ada.h"

namespace atoll::host {
namespace {

// Characters that the URL standard keeps as they are, in host, path and query alike. Most requests
// are made of them alone.
constexpr bool is_plain(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_' || c == '/' || c == '?' || c == '=' || c == '&';
}

bool needs_no_parsing(std::string_view host, std::string_view path) {
  for (unsigned char c : host) {
    bool fine = (c >= 'a' && c <= 'z') || c == '-' || c == '.';
    if (!fine) return false;
  }
  for (unsigned char c : path) {
    if (!is_plain(c)) return false;
  }
  return host.find("xn--") == std::string_view::npos && path.starts_with('/');
}

}  // namespace

std::optional<std::string> request_url(const http::RequestHead& head) {
  std::string url = "http://";
  std::string_view host = head.host();
  std::string_view path = head.path();
  if (host.empty()) return std::nullopt;
  url.append(host);
  bool plain = needs_no_parsing(host, path);
  if (path != "*") url.append(path);
  if (plain) return url;
  ada_url parsed = ada_parse(url.data(), url.size());
  std::optional<std::string> normal;
  if (ada_is_valid(parsed)) {
    ada_string href = ada_get_href(parsed);
    normal = std::string(href.data, href.length);
  }
  ada_free(parsed);
  return normal;
}

}  // namespace atoll::host
