#include "http/codec/text_scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace atoll::http {
namespace {

bool stops_value(char c) {
  auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

bool stops_target(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7f || byte == '#';
}

#ifdef __SSE2__
// Each returns a vector whose bytes are all ones where the scan has to stop.
__m128i value_stops(__m128i bytes) {
  __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
  __m128i tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
  __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
  return _mm_or_si128(_mm_andnot_si128(tab, control), del);
}

__m128i target_stops(__m128i bytes) {
  __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x20)), bytes);
  __m128i hash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('#'));
  __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
  return _mm_or_si128(_mm_or_si128(control, hash), del);
}
#endif

// Sixteen bytes at a time while they last, never reading past the end.
template <typename VectorStops, typename Stops>
std::size_t find_stop(std::string_view text, std::size_t at, VectorStops vector_stops,
                      Stops stops) {
#ifdef __SSE2__
  for (; at + 16 <= text.size(); at += 16) {
    auto* block = reinterpret_cast<const __m128i*>(text.data() + at);
    int mask = _mm_movemask_epi8(vector_stops(_mm_loadu_si128(block)));
    if (mask != 0) return at + static_cast<std::size_t>(__builtin_ctz(static_cast<unsigned>(mask)));
  }
#endif
  while (at < text.size() && !stops(text[at])) ++at;
  return at;
}

}  // namespace

#ifdef __SSE2__
std::size_t find_value_stop(std::string_view text, std::size_t begin) {
  return find_stop(text, begin, value_stops, stops_value);
}
std::size_t find_target_stop(std::string_view text, std::size_t begin) {
  return find_stop(text, begin, target_stops, stops_target);
}
#else
std::size_t find_value_stop(std::string_view text, std::size_t begin) {
  return find_stop(text, begin, nullptr, stops_value);
}
std::size_t find_target_stop(std::string_view text, std::size_t begin) {
  return find_stop(text, begin, nullptr, stops_target);
}
#endif

bool is_token(std::string_view text) {
  for (char c : text) {
    if (!is_token_char(c)) return false;
  }
  return !text.empty();
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> parse_length(std::string_view digits) {
  if (digits.empty() || digits.size() > 19) return std::nullopt;
  std::uint64_t value = 0;
  for (char c : digits) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (value > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
  return value;
}

bool list_has_token(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {
    std::size_t comma = list.find(',');
    if (equals_lower(trim_blanks(list.substr(0, comma)), wanted)) return true;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace atoll::http
