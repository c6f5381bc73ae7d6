// Character classes of RFC 9110 and fast scans over them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace atoll::http {

namespace detail {
constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}
inline constexpr std::array<bool, 256> kTokenTable = make_token_table();
}  // namespace detail

inline bool is_token_char(char c) { return detail::kTokenTable[static_cast<unsigned char>(c)]; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_blank(char c) { return c == ' ' || c == '\t'; }

// The first byte of `text` from `begin` on that may not stand in a field value: a control character
// other than tab. `text.size()` when there is none.
std::size_t find_value_stop(std::string_view text, std::size_t begin);

// The first byte from `begin` on that may not stand in a request target: a space, a control
// character or '#'. `text.size()` when there is none.
std::size_t find_target_stop(std::string_view text, std::size_t begin);

bool is_token(std::string_view text);  // false when empty

// `lower` must be lower case already.
inline bool equals_lower(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    if (c != lower[i]) return false;
  }
  return true;
}
bool equals_ignoring_case(std::string_view a, std::string_view b);

std::string_view trim_blanks(std::string_view text);

// Digits only, at least one and at most 19; nothing otherwise. The value is below 2^63.
std::optional<std::uint64_t> parse_length(std::string_view digits);

// Whether `wanted` (lower case) is an element of the comma-separated `list`.
bool list_has_token(std::string_view list, std::string_view wanted);

}  // namespace atoll::http
