#include "http/caching/freshness.h"

#include <time.h>

#include <algorithm>
#include <charconv>

#include "http/codec/text_scan.h"

namespace atoll::http {
namespace {

constexpr std::chrono::seconds kLongest = std::chrono::hours(24 * 365);

struct Directive {
  std::string name;   // lower case
  std::string value;  // without quotes
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Takes one `name`, `name=token` or `name="text"` from the front of `rest`, with the comma behind.
Directive take_directive(std::string_view& rest) {
  Directive taken;
  while (!rest.empty() && (is_blank(rest[0]) || rest[0] == ',')) rest.remove_prefix(1);
  while (!rest.empty() && rest[0] != '=' && rest[0] != ',') {
    if (!is_blank(rest[0])) taken.name.push_back(lower(rest[0]));
    rest.remove_prefix(1);
  }
  if (rest.empty() || rest[0] == ',') return taken;
  rest.remove_prefix(1);
  while (!rest.empty() && is_blank(rest[0])) rest.remove_prefix(1);
  if (!rest.empty() && rest[0] == '"') {
    std::size_t end = rest.find('"', 1);
    taken.value = rest.substr(1, end == std::string_view::npos ? end : end - 1);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return taken;
  }
  std::size_t end = rest.find(',');
  taken.value = rest.substr(0, end);
  while (!taken.value.empty() && is_blank(taken.value.back())) taken.value.pop_back();
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end);
  return taken;
}

// Calls `visit` with each directive of every Cache-Control line.
template <typename Visit>
void each_directive(const HeaderBlock& headers, Visit visit) {
  for (HeaderBlock::Field field : headers) {
    if (!equals_ignoring_case(field.name, "cache-control")) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      Directive directive = take_directive(rest);
      if (!directive.name.empty()) visit(directive);
    }
  }
}

std::optional<std::chrono::seconds> read_seconds(std::string_view text) {
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error != std::errc() || number > static_cast<std::uint64_t>(kLongest.count())) {
    return error == std::errc::invalid_argument ? std::nullopt : std::optional(kLongest);
  }
  return std::chrono::seconds(number);
}

std::optional<std::chrono::seconds> usual_lifetime(int status) {
  switch (status) {
    case 200:
    case 206:
    case 301:
      return std::chrono::minutes(120);
    case 302:
    case 303:
      return std::chrono::minutes(20);
    case 404:
    case 410:
      return std::chrono::minutes(3);
    case 403:
      return std::chrono::minutes(1);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<HttpTime> parse_http_date(std::string_view text) {
  struct tm parts = {};
  std::string copy(text);
  const char* end = ::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end != copy.c_str() + copy.size()) return std::nullopt;
  // The clock counts nanoseconds, which do not reach as far as years do.
  constexpr std::time_t kFarthest = 9'000'000'000;  // in the year 2255
  return std::chrono::system_clock::from_time_t(
      std::clamp(::timegm(&parts), -kFarthest, kFarthest));
}

std::optional<std::chrono::seconds> freshness(int status, const HeaderBlock& headers,
                                              HttpTime now) {
  bool forbidden = false;
  bool says_something = false;
  std::optional<std::chrono::seconds> for_all;
  std::optional<std::chrono::seconds> for_shared;
  each_directive(headers, [&](const Directive& directive) {
    if (directive.name == "no-store" ||
        ((directive.name == "private" || directive.name == "no-cache") &&
         directive.value.empty())) {
      forbidden = true;
    } else if (directive.name == "max-age") {
      for_all = read_seconds(directive.value).value_or(std::chrono::seconds(0));
      says_something = true;
    } else if (directive.name == "s-maxage") {
      for_shared = read_seconds(directive.value).value_or(std::chrono::seconds(0));
      says_something = true;
    }
  });
  if (forbidden) return std::nullopt;
  if (headers.find("set-cookie") && !is_kept_private(headers, "set-cookie")) return std::nullopt;
  std::optional<std::chrono::seconds> lifetime = for_shared ? for_shared : for_all;
  if (!says_something) {
    if (auto expires = headers.find("expires")) {
      auto at = parse_http_date(*expires);  // "0" and the like: it has expired already
      if (!at || *at <= now) return std::nullopt;
      lifetime = std::chrono::duration_cast<std::chrono::seconds>(*at - now);
    } else {
      lifetime = usual_lifetime(status);
    }
  }
  if (!lifetime || *lifetime <= std::chrono::seconds(0)) return std::nullopt;
  return std::min(*lifetime, kLongest);
}

bool is_kept_private(const HeaderBlock& headers, std::string_view name) {
  bool found = false;
  each_directive(headers, [&](const Directive& directive) {
    if (directive.name != "private" && directive.name != "no-cache") return;
    for (std::string_view rest = directive.value; !rest.empty();) {
      if (take_directive(rest).name == name) found = true;
    }
  });
  return found;
}

}  // namespace atoll::http
