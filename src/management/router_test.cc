#include "management/router.h"

#include <gtest/gtest.h>

namespace atoll::management {
namespace {

Task<Answer<Response>> nothing(Call&) { co_return Response(); }

void add_routes(Router& router) {
  router.add("GET", "/workers/domains/{domain_id}", nothing);
  router.add("GET", "/workers/domains/records", nothing, 1);
  router.add("GET", "/workers/domains/records/{record}", nothing, 2);
  router.add("PUT", "/kv/{ns}/values/{key}", nothing, 3);
  router.add("GET", "/a/{x}/end", nothing, 4);
  router.add("GET", "/a/fixed/other", nothing, 5);
}

TEST(Router, LiteralsWinOverParameters) {
  Router router;
  add_routes(router);
  EXPECT_EQ(router.find("GET", "/workers/domains/records")->route->body_limit, 1u);
  EXPECT_EQ(router.find("GET", "/workers/domains/records/7")->route->body_limit, 2u);
  auto domain = router.find("GET", "/workers/domains/7");
  ASSERT_TRUE(domain);
  EXPECT_EQ(*domain->parameters.find("domain_id"), "7");
}

TEST(Router, ADeadEndBehindALiteralIsLeftAgain) {
  Router router;
  add_routes(router);
  auto match = router.find("GET", "/a/fixed/end");
  ASSERT_TRUE(match);
  EXPECT_EQ(match->route->body_limit, 4u);
  EXPECT_EQ(*match->parameters.find("x"), "fixed");
}

TEST(Router, SegmentsAreDecodedOnceAfterTheSplit) {
  Router router;
  add_routes(router);
  auto match = router.find("PUT", "/kv/n/values/a%2Fb%2520c+d");
  ASSERT_TRUE(match);
  EXPECT_EQ(*match->parameters.find("key"), "a/b%20c+d");
  EXPECT_EQ(router.find("PUT", "/kv/n/values/a/b").error().code, codes::kUnknownPath);
}

TEST(Router, TellsUnknownPathsFromUnknownMethods) {
  Router router;
  add_routes(router);
  EXPECT_EQ(router.find("GET", "/nowhere").error().status, 404u);
  EXPECT_EQ(router.find("GET", "/workers/domains").error().status, 404u);
  EXPECT_EQ(router.find("GET", "/workers/domains/").error().status, 404u);
  EXPECT_EQ(router.find("POST", "/workers/domains/7").error().status, 405u);
  EXPECT_EQ(router.find("GET", "/workers/%zz").error().status, 400u);
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "/a";
  EXPECT_EQ(router.find("GET", deep).error().status, 404u);
}

}  // namespace
}  // namespace atoll::management
