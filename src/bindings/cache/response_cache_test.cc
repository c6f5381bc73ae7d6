#include "bindings/cache/response_cache.h"

#include <gtest/gtest.h>

namespace atoll::bindings {
namespace {

using Clock = std::chrono::steady_clock;

const Clock::time_point kNow = Clock::now();

CachedResponse response(std::size_t bytes, std::chrono::seconds fresh = std::chrono::seconds(60)) {
  CachedResponse made;
  made.body = std::make_shared<const std::string>(bytes, 'x');
  made.stored_at = kNow;
  made.stale_at = kNow + fresh;
  return made;
}

TEST(ResponseCache, gives_back_what_was_put_until_it_is_stale) {
  ResponseCache cache(100'000);
  cache.put("a", "a/1", response(10));
  ASSERT_NE(cache.find("a/1", kNow), nullptr);
  EXPECT_EQ(cache.find("a/1", kNow)->body->size(), 10u);
  EXPECT_EQ(cache.find("a/2", kNow), nullptr);
  EXPECT_EQ(cache.find("a/1", kNow + std::chrono::seconds(60)), nullptr);
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(ResponseCache, replaces_and_erases) {
  ResponseCache cache(100'000);
  cache.put("a", "a/1", response(10));
  cache.put("a", "a/1", response(20));
  EXPECT_EQ(cache.find("a/1", kNow)->body->size(), 20u);
  EXPECT_TRUE(cache.erase("a/1"));
  EXPECT_FALSE(cache.erase("a/1"));
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(ResponseCache, drops_the_least_recently_used_when_full) {
  ResponseCache cache(10'000);
  cache.put("a", "a/1", response(3'000));
  cache.put("b", "b/1", response(3'000));
  EXPECT_NE(cache.find("a/1", kNow), nullptr);
  cache.put("c", "c/1", response(3'000));
  EXPECT_NE(cache.find("a/1", kNow), nullptr);
  EXPECT_EQ(cache.find("b/1", kNow), nullptr);
  EXPECT_LE(cache.bytes(), 10'000u);
}

TEST(ResponseCache, gives_one_owner_half_so_that_it_pushes_out_itself) {
  ResponseCache cache(40'000);
  cache.put("quiet", "quiet/1", response(3'000));
  for (int i = 0; i < 100; ++i) cache.put("loud", "loud/" + std::to_string(i), response(1'000));
  EXPECT_NE(cache.find("quiet/1", kNow), nullptr);
  EXPECT_NE(cache.find("loud/99", kNow), nullptr);
  EXPECT_LE(cache.bytes(), 24'000u);
}

}  // namespace
}  // namespace atoll::bindings
