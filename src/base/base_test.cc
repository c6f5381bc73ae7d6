#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/json.h"
#include "base/random.h"
#include "base/time.h"

namespace atoll {
namespace {

TEST(Encoding, Base64RoundTripsEveryLength) {
  for (std::size_t size = 0; size < 70; ++size) {
    std::string bytes(size, '\0');
    fill_random(bytes.data(), bytes.size());
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
  }
  EXPECT_EQ(base64_encode("hello"), "aGVsbG8=");
  EXPECT_FALSE(base64_decode("a"));
  EXPECT_FALSE(base64_decode("aGV*"));
}

TEST(Encoding, PercentDecodesOnceAndRefusesBrokenEscapes) {
  EXPECT_EQ(percent_decode("a%2Fb%2520"), "a/b%20");
  EXPECT_FALSE(percent_decode("a%2"));
  EXPECT_FALSE(percent_decode("%zz"));
}

TEST(Encoding, ValidatesUtf8) {
  EXPECT_TRUE(is_valid_utf8("caf\xC3\xA9 \xF0\x9F\x8C\xB4"));
  EXPECT_FALSE(is_valid_utf8("\xC0\xAF"));          // overlong
  EXPECT_FALSE(is_valid_utf8("\xED\xA0\x80"));      // surrogate
  EXPECT_FALSE(is_valid_utf8("\xF4\x90\x80\x80"));  // beyond U+10FFFF
  EXPECT_FALSE(is_valid_utf8("\xE2\x82"));          // truncated
}

TEST(Time, FormatsAndParsesRfc3339) {
  auto time = parse_rfc3339("2026-01-02T03:04:05.678Z");
  ASSERT_TRUE(time);
  EXPECT_EQ(format_rfc3339(*time), "2026-01-02T03:04:05.678Z");
  EXPECT_FALSE(parse_rfc3339("2026-13-02T03:04:05Z"));
  EXPECT_FALSE(parse_rfc3339("yesterday"));
}

TEST(JsonDocument, RefusesMalformedAndDeepInput) {
  EXPECT_FALSE(parse_json("{\"a\":"));
  std::string deep(300, '[');
  deep += std::string(300, ']');
  EXPECT_FALSE(parse_json(deep));
  EXPECT_EQ(json_string(*parse_json("{\"a\":\"b\"}"), "a"), "b");
}

TEST(Random, UuidHasVersionAndVariant) {
  std::string uuid = random_uuid();
  ASSERT_EQ(uuid.size(), 36u);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
}

}  // namespace
}  // namespace atoll
