#include "management/paging.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "management/envelope.h"

namespace atoll::management {
namespace {

// Digits only, so that 1e9 or -1 is refused rather than read as something else.
Answer<std::size_t> read_number(const Query& query, std::string_view name, std::size_t fallback) {
  std::optional<std::string> text = query.find(name);
  if (!text || text->empty()) return fallback;
  std::size_t value = 0;
  auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (problem != std::errc() || end != text->data() + text->size() || value > 1'000'000'000) {
    return fail(malformed("query parameter " + std::string(name) + " must be a whole number"));
  }
  return value;
}

Json slice(const Json& all, const PageQuery& page) {
  Json rows = Json::array();
  std::size_t end = std::min(all.size(), page.first() + page.per_page);
  for (std::size_t i = page.first(); i < end; ++i) rows.push_back(all[i]);
  return rows;
}

}  // namespace

Answer<PageQuery> read_page_query(const Query& query, unsigned default_per_page) {
  PageQuery page;
  page.page = std::max<std::size_t>(1, TRY(read_number(query, "page", 1)));
  page.per_page = TRY(read_number(query, "per_page", default_per_page));
  page.per_page = std::clamp<std::size_t>(page.per_page, 1, kMaxPerPage);
  return page;
}

Json page_info(const PageQuery& page, std::size_t count, std::size_t total) {
  Json info = Json::object();
  info["page"] = page.page;
  info["per_page"] = page.per_page;
  info["count"] = count;
  info["total_count"] = total;
  info["total_pages"] = (total + page.per_page - 1) / page.per_page;
  return info;
}

Response page_of(const Json& all, const PageQuery& page) {
  Json rows = slice(all, page);
  std::size_t count = rows.size();
  return ok(std::move(rows), page_info(page, count, all.size()));
}

Response items_page_of(const Json& all, const PageQuery& page) {
  Json rows = slice(all, page);
  std::size_t count = rows.size();
  return ok(Json{{"items", std::move(rows)}}, page_info(page, count, all.size()));
}

Answer<unsigned> read_limit(const Query& query, unsigned least, unsigned most) {
  std::string_view name = query.find("limit") ? "limit" : "per_page";
  std::size_t limit = TRY(read_number(query, name, most));
  if (limit < least || limit > most) {
    return fail(malformed("query parameter " + std::string(name) + " must lie between " +
                          std::to_string(least) + " and " + std::to_string(most)));
  }
  return static_cast<unsigned>(limit);
}

std::string make_cursor(std::string_view after) { return hex_encode(after); }

Answer<std::string> read_cursor(const Query& query) {
  std::string cursor = query.text("cursor");
  std::string escaped;
  for (std::size_t i = 0; i + 1 < cursor.size(); i += 2) {
    escaped += '%';
    escaped += cursor.substr(i, 2);
  }
  std::optional<std::string> after = percent_decode(escaped);
  if (!after || cursor.size() % 2 != 0) {
    return fail(malformed("query parameter cursor is not one that this server gave out"));
  }
  return *std::move(after);
}

}  // namespace atoll::management
