#include "http/caching/selection.h"

#include <charconv>

#include "http/caching/freshness.h"
#include "http/codec/text_scan.h"

namespace atoll::http {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view without_weakness(std::string_view tag) {
  return tag.starts_with("W/") ? tag.substr(2) : tag;
}

bool lists_tag(std::string_view list, std::string_view tag) {
  while (!list.empty()) {
    std::size_t comma = list.find(',');
    std::string_view one = trimmed(list.substr(0, comma));
    if (one == "*" || without_weakness(one) == without_weakness(tag)) return true;
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return false;
}

bool is_unchanged(const HeaderBlock& request, const HeaderBlock& stored) {
  if (auto tags = request.find("if-none-match")) {
    auto tag = stored.find("etag");
    return tag && lists_tag(*tags, *tag);
  }
  auto since = request.find("if-modified-since");
  auto modified = stored.find("last-modified");
  if (!since || !modified) return false;
  auto asked = parse_http_date(*since);
  auto have = parse_http_date(*modified);
  return asked && have && *have <= *asked;
}

// Whether If-Range lets the Range count.
bool range_counts(const HeaderBlock& request, const HeaderBlock& stored) {
  auto condition = request.find("if-range");
  if (!condition) return true;
  if (condition->starts_with('"')) return stored.find("etag") == condition;
  return stored.find("last-modified") == condition;
}

std::optional<std::size_t> read_number(std::string_view text) {
  std::size_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

Selection select(const HeaderBlock& request, int status, const HeaderBlock& stored,
                 std::size_t size) {
  if (status == 200 && is_unchanged(request, stored)) return {304, 0, 0};
  Selection everything{status, 0, size};
  auto range = request.find("range");
  if (status != 200 || !range || !range_counts(request, stored)) return everything;
  if (!range->starts_with("bytes=") || range->find(',') != std::string_view::npos) {
    return everything;
  }
  std::string_view ends = trimmed(range->substr(6));
  std::size_t dash = ends.find('-');
  if (dash == std::string_view::npos) return everything;
  auto first = read_number(ends.substr(0, dash));
  auto last = read_number(ends.substr(dash + 1));
  if (!first) {  // the last so many bytes
    if (dash != 0 || !last) return everything;
    std::size_t count = std::min(*last, size);
    return count == 0 ? Selection{416, 0, 0} : Selection{206, size - count, count};
  }
  if (!last && dash + 1 != ends.size()) return everything;
  if (last && *last < *first) return everything;
  if (*first >= size) return {416, 0, 0};
  std::size_t end = last ? std::min(*last, size - 1) : size - 1;
  return {206, *first, end - *first + 1};
}

}  // namespace atoll::http
