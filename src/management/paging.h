// The paging styles of list answers. A page past the end is empty: clients page until they see one.
#pragma once

#include "management/api_error.h"
#include "management/request.h"

namespace atoll::management {

inline constexpr unsigned kDefaultPerPage = 20;
inline constexpr unsigned kMaxPerPage = 1000;

struct PageQuery {
  std::size_t page = 1;  // counts from 1
  std::size_t per_page = kDefaultPerPage;

  std::size_t first() const { return (page - 1) * per_page; }
};

// `page` and `per_page`; malformed numbers are refused, sizes over kMaxPerPage are cut to it.
// `page=0` is the first page, as some callers count so.
Answer<PageQuery> read_page_query(const Query& query, unsigned default_per_page = kDefaultPerPage);

// {page, per_page, count, total_count, total_pages} for a page that holds `count` of `total`.
Json page_info(const PageQuery& page, std::size_t count, std::size_t total);

// The page of `all` (an array) in the page-number style.
Response page_of(const Json& all, const PageQuery& page);
// The same with the rows under result.items.
Response items_page_of(const Json& all, const PageQuery& page);

// `limit` (or `per_page`) between 1 and `most`; `most` when absent.
Answer<unsigned> read_limit(const Query& query, unsigned least, unsigned most);

// Cursors are opaque to callers: the key after which to go on.
std::string make_cursor(std::string_view after);
Answer<std::string> read_cursor(const Query& query);  // empty: from the start

}  // namespace atoll::management
