#include "http/codec/request_head.h"

#include "http/codec/text_scan.h"

namespace atoll::http {
namespace {

std::size_t scheme_size(std::string_view target) {
  if (target.size() >= 7 && equals_lower(target.substr(0, 7), "http://")) return 7;
  if (target.size() >= 8 && equals_lower(target.substr(0, 8), "https://")) return 8;
  return 0;
}

}  // namespace

std::string_view target_authority(std::string_view target) {
  if (target.starts_with('/')) return {};
  std::size_t begin = scheme_size(target);
  if (begin == 0) return {};
  return target.substr(begin, target.find_first_of("/?", begin) - begin);
}

std::string_view RequestHead::host() const {
  std::string_view authority = target_authority(target);
  if (!authority.empty()) return authority;
  return headers.find("host").value_or(std::string_view());
}

std::string_view RequestHead::path() const {
  std::string_view authority = target_authority(target);
  if (authority.empty()) return target;
  std::string_view rest = std::string_view(target).substr(scheme_size(target) + authority.size());
  return rest.empty() ? "/" : rest;
}

}  // namespace atoll::http
