#include "bindings/fetch/origin_url.h"

#include <gtest/gtest.h>

namespace atoll::bindings {
namespace {

TEST(OriginUrl, has_the_parts_a_request_needs) {
  OriginUrl url = *origin_url("https://a.example/p/q?r=s#t");
  EXPECT_TRUE(url.is_secure);
  EXPECT_EQ(url.host, "a.example");
  EXPECT_EQ(url.port, 443);
  EXPECT_EQ(url.host_header, "a.example");
  EXPECT_EQ(url.path, "/p/q?r=s");
}

TEST(OriginUrl, knows_ports_addresses_and_user_information) {
  OriginUrl url = *origin_url("http://us:er@[::1]:8080/");
  EXPECT_FALSE(url.is_secure);
  EXPECT_EQ(url.host, "::1");
  EXPECT_EQ(url.port, 8080);
  EXPECT_EQ(url.host_header, "[::1]:8080");
  EXPECT_EQ(origin_url("http://[::1]/")->host, "::1");
  EXPECT_EQ(origin_url("http://[::1]/")->port, 80);
  EXPECT_EQ(origin_url("http://a/@b:5/")->host, "a");
  EXPECT_EQ(origin_url("http://a?x@b")->path, "/?x@b");
}

TEST(OriginUrl, is_only_for_http) {
  for (const char* url :
       {"", "ftp://a/", "data:,x", "http:///", "http://a:x/", "http://a:99999/"}) {
    EXPECT_FALSE(origin_url(url)) << url;
  }
}

}  // namespace
}  // namespace atoll::bindings
