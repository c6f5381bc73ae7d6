#include "dispatch/routing/route_table.h"

#include <gtest/gtest.h>

namespace atoll::dispatch {
namespace {

std::uint64_t routed(const RouteTable& table, std::string_view host, std::string_view path) {
  const RouteTable::Target* target = table.find(host, path);
  return target == nullptr ? 999 : target->script;
}

TEST(RouteTable, MostSpecificPatternWins) {
  RouteTable table;
  ASSERT_TRUE(table.set("any", "*/*", 1));
  ASSERT_TRUE(table.set("wild", "*.example.com/*", 2));
  ASSERT_TRUE(table.set("deep", "*.shop.example.com/*", 3));
  ASSERT_TRUE(table.set("exact", "www.example.com/*", 4));
  ASSERT_TRUE(table.set("path", "www.example.com/api/*", 5));
  ASSERT_TRUE(table.set("file", "www.example.com/api/health", 6));
  EXPECT_EQ(routed(table, "other.test", "/"), 1u);
  EXPECT_EQ(routed(table, "a.example.com", "/"), 2u);
  EXPECT_EQ(routed(table, "example.com", "/"), 1u);
  EXPECT_EQ(routed(table, "x.shop.example.com", "/"), 3u);
  EXPECT_EQ(routed(table, "WWW.Example.com.:8080", "/"), 4u);
  EXPECT_EQ(routed(table, "www.example.com", "/api/users"), 5u);
  EXPECT_EQ(routed(table, "www.example.com", "/api/health"), 6u);
}

TEST(RouteTable, StarWithoutDotMeansTheNameItselfToo) {
  RouteTable table;
  ASSERT_TRUE(table.set("r", "*example.com/*", 1));
  EXPECT_EQ(routed(table, "example.com", "/"), 1u);
  EXPECT_EQ(routed(table, "www.example.com", "/"), 1u);
  EXPECT_EQ(routed(table, "example.org", "/"), 999u);
}

TEST(RouteTable, ARouteWithoutScriptExemptsFromAWiderOne) {
  RouteTable table;
  ASSERT_TRUE(table.set("wide", "example.com/*", 1));
  ASSERT_TRUE(table.set("hole", "example.com/static/*", 0));
  EXPECT_EQ(routed(table, "example.com", "/static/a.css"), 0u);
  EXPECT_EQ(routed(table, "example.com", "/app"), 1u);
}

TEST(RouteTable, ReplacingAndRemovingLeavesNothingBehind) {
  RouteTable table;
  ASSERT_TRUE(table.set("r", "a.test/*", 1));
  ASSERT_TRUE(table.set("r", "*.b.test/*", 2));
  EXPECT_EQ(routed(table, "a.test", "/"), 999u);
  EXPECT_EQ(routed(table, "x.b.test", "/"), 2u);
  table.remove("r");
  EXPECT_EQ(routed(table, "x.b.test", "/"), 999u);
  EXPECT_EQ(table.size(), 0u);
}

TEST(RoutePattern, RefusesStarsAndQueriesInTheWrongPlace) {
  EXPECT_FALSE(parse_route_pattern("a.*.com/*"));
  EXPECT_FALSE(parse_route_pattern("a.com/*/b"));
  EXPECT_FALSE(parse_route_pattern("a.com/x?y"));
  EXPECT_FALSE(parse_route_pattern("/path"));
  EXPECT_FALSE(parse_route_pattern("a.com:80:81/*"));
  EXPECT_TRUE(parse_route_pattern("https://a.com/x*"));
}

TEST(RoutePattern, OfAZoneStaysWithinIt) {
  // What is left when its port is taken off must not lose more, and another host with it, when it
  // is read again.
  EXPECT_TRUE(patterns_within_zone("other.com:a.example.com:80/*", "example.com").empty());
  using Patterns = std::vector<std::string>;
  EXPECT_EQ(patterns_within_zone("*/*", "example.com"),
            (Patterns{"example.com/*", "*.example.com/*"}));
  EXPECT_EQ(patterns_within_zone("*example.com/api*", "example.com"),
            (Patterns{"example.com/api*", "*.example.com/api*"}));
  EXPECT_EQ(patterns_within_zone("*.example.com/*", "example.com"), Patterns{"*.example.com/*"});
  EXPECT_EQ(patterns_within_zone("*-pr.example.com/*", "example.com"),
            Patterns{"*-pr.example.com/*"});
  EXPECT_EQ(patterns_within_zone("https://Shop.Example.com/", "example.com"),
            Patterns{"shop.example.com/"});
  EXPECT_EQ(patterns_within_zone("notexample.com/*", "example.com"), Patterns{});
  EXPECT_EQ(patterns_within_zone("*.com/*", "example.com"), Patterns{});
}

}  // namespace
}  // namespace atoll::dispatch
