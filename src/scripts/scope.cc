#include "scripts/scope.h"

#include <algorithm>

#include "base/encoding.h"

namespace atoll::scripts {
namespace {

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

Result<void> check_script_name(const Scope& scope, std::string_view name) {
  if (scope.account_level()) {
    bool fit = !name.empty() && name.size() <= 63 && is_lower_or_digit(name.front()) &&
               std::all_of(name.begin(), name.end(),
                           [](char c) { return is_lower_or_digit(c) || c == '-' || c == '_'; });
    if (!fit) {
      return fail(invalid_input(
          "a Worker's name has 1 to 63 lower-case letters, digits, hyphens and underscores and "
          "starts with a letter or digit"));
    }
    return {};
  }
  bool fit =
      !name.empty() && name.size() <= 255 && is_valid_utf8(name) &&
      std::none_of(name.begin(), name.end(), [](char c) { return is_control(c) || c == '/'; });
  if (!fit) {
    return fail(
        invalid_input("a user Worker's name has 1 to 255 bytes of UTF-8 text without control "
                      "characters and '/'"));
  }
  return {};
}

Result<void> check_dispatch_namespace_name(std::string_view name) {
  bool fit =
      !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](char c) {
        return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
      });
  if (!fit) {
    return fail(invalid_input(
        "a dispatch namespace's name has 1 to 63 letters, digits, hyphens and underscores"));
  }
  return {};
}

}  // namespace atoll::scripts
