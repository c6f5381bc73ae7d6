#include <gtest/gtest.h>

#include "http/caching/freshness.h"
#include "http/caching/selection.h"

namespace atoll::http {
namespace {

using std::chrono::seconds;

const HttpTime kNow = *parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");

HeaderBlock headers(std::string lines) { return *HeaderBlock::parse(std::move(lines)); }

std::optional<seconds> lifetime(std::string lines, int status = 200) {
  return freshness(status, headers(std::move(lines)), kNow);
}

TEST(HttpDate, is_read_in_its_one_form) {
  EXPECT_EQ(std::chrono::system_clock::to_time_t(kNow), 784111777);
  EXPECT_FALSE(parse_http_date("1994-11-06T08:49:37Z"));
  EXPECT_FALSE(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT "));
  EXPECT_FALSE(parse_http_date(""));
  // Beyond what the clock can count.
  EXPECT_GT(*parse_http_date("Fri, 31 Dec 9999 23:59:59 GMT"), kNow);
  EXPECT_LT(*parse_http_date("Wed, 01 Jan 1000 00:00:00 GMT"), kNow);
  EXPECT_FALSE(parse_http_date(std::string_view("Sun, 06 Nov 1994 08:49:37 GMT\0x", 31)));
}

TEST(Freshness, is_what_cache_control_says_first_for_shared_caches) {
  EXPECT_EQ(lifetime("Cache-Control: max-age=60\r\n"), seconds(60));
  EXPECT_EQ(lifetime("Cache-Control: max-age=60, s-maxage=90\r\n"), seconds(90));
  EXPECT_EQ(lifetime("Cache-Control: S-MaxAge = \"90\"\r\nCache-Control: max-age=1\r\n"),
            seconds(90));
  EXPECT_EQ(lifetime("Cache-Control: max-age=99999999999999999999\r\n"), std::chrono::hours(8760));
  EXPECT_FALSE(lifetime("Cache-Control: max-age=0\r\n"));
  EXPECT_FALSE(lifetime("Cache-Control: max-age=soon\r\n"));
}

TEST(Freshness, is_none_where_keeping_is_forbidden) {
  EXPECT_FALSE(lifetime("Cache-Control: no-store, max-age=60\r\n"));
  EXPECT_FALSE(lifetime("Cache-Control: private\r\n"));
  EXPECT_FALSE(lifetime("Cache-Control: no-cache\r\n"));
  EXPECT_FALSE(lifetime("Set-Cookie: a=b\r\nCache-Control: max-age=60\r\n"));
}

TEST(Freshness, is_given_when_the_cookie_alone_is_private) {
  std::string lines = "Set-Cookie: a=b\r\nCache-Control: private=\"X, Set-Cookie\", max-age=60\r\n";
  EXPECT_EQ(lifetime(lines), seconds(60));
  EXPECT_TRUE(is_kept_private(headers(lines), "set-cookie"));
  EXPECT_FALSE(is_kept_private(headers(lines), "etag"));
}

TEST(Freshness, comes_from_expires_and_then_from_the_status) {
  EXPECT_EQ(lifetime("Expires: Sun, 06 Nov 1994 08:50:37 GMT\r\n"), seconds(60));
  EXPECT_EQ(lifetime("Expires: Fri, 31 Dec 9999 23:59:59 GMT\r\n"), std::chrono::hours(8760));
  EXPECT_FALSE(lifetime("Expires: 0\r\n"));
  EXPECT_EQ(lifetime("", 200), std::chrono::minutes(120));
  EXPECT_EQ(lifetime("", 404), std::chrono::minutes(3));
  EXPECT_FALSE(lifetime("", 500));
}

Selection selected(std::string request, std::string stored = "", int status = 200) {
  return select(headers(std::move(request)), status, headers(std::move(stored)), 10);
}

bool operator==(const Selection& left, const Selection& right) {
  return left.status == right.status && left.begin == right.begin && left.size == right.size;
}

TEST(Selection, is_a_range_where_one_is_asked_for) {
  EXPECT_TRUE(selected("Range: bytes=2-4\r\n") == (Selection{206, 2, 3}));
  EXPECT_TRUE(selected("Range: bytes=2-\r\n") == (Selection{206, 2, 8}));
  EXPECT_TRUE(selected("Range: bytes=-3\r\n") == (Selection{206, 7, 3}));
  EXPECT_TRUE(selected("Range: bytes=-30\r\n") == (Selection{206, 0, 10}));
  EXPECT_TRUE(selected("Range: bytes=8-99\r\n") == (Selection{206, 8, 2}));
  EXPECT_TRUE(selected("Range: bytes=10-\r\n") == (Selection{416, 0, 0}));
  EXPECT_TRUE(selected("Range: bytes=-0\r\n") == (Selection{416, 0, 0}));
}

TEST(Selection, is_everything_where_the_range_cannot_be_served) {
  Selection everything{200, 0, 10};
  for (const char* range : {"bytes=4-2", "bytes=0-1,3-4", "lines=1-2", "bytes=", "bytes=a-b",
                            "bytes=--1", "bytes=1-x", "bytes=99999999999999999999999-"}) {
    EXPECT_TRUE(selected(std::string("Range: ") + range + "\r\n") == everything) << range;
  }
  EXPECT_TRUE(selected("Range: bytes=2-4\r\n", "", 404) == (Selection{404, 0, 10}));
  EXPECT_TRUE(selected("Range: bytes=2-4\r\nIf-Range: \"b\"\r\n", "ETag: \"a\"\r\n") == everything);
  EXPECT_EQ(selected("Range: bytes=2-4\r\nIf-Range: \"a\"\r\n", "ETag: \"a\"\r\n").status, 206);
}

TEST(Selection, is_nothing_when_the_client_has_it) {
  EXPECT_EQ(selected("If-None-Match: \"x\", W/\"a\"\r\n", "ETag: \"a\"\r\n").status, 304);
  EXPECT_EQ(selected("If-None-Match: *\r\n", "ETag: \"a\"\r\n").status, 304);
  EXPECT_EQ(selected("If-None-Match: \"b\"\r\n", "ETag: \"a\"\r\n").status, 200);
  std::string modified = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
  EXPECT_EQ(selected("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", modified).status, 304);
  EXPECT_EQ(selected("If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", modified).status, 200);
}

}  // namespace
}  // namespace atoll::http
