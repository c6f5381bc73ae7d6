#include "http/coding/response_compression.h"

#include <gtest/gtest.h>

#include "async/string_source.h"
#include "http/coding/coded_source.h"

namespace atoll::http {
namespace {

TEST(PreferredCoding, IsWhatTheClientLikesBest) {
  EXPECT_EQ(preferred_coding("gzip, deflate, br, zstd"), Coding::Brotli);
  EXPECT_EQ(preferred_coding("gzip, deflate"), Coding::Gzip);
  EXPECT_EQ(preferred_coding("br;q=0.5, gzip;q=0.8"), Coding::Gzip);
  EXPECT_EQ(preferred_coding("GZIP ; q=1.000 , br ; q = 0.999"), Coding::Gzip);
  EXPECT_EQ(preferred_coding("br;q=0, gzip"), Coding::Gzip);
}

TEST(PreferredCoding, IsNoneWhereNoneIsNamed) {
  for (std::string_view text :
       {"", "identity", "*", "deflate", "br;q=0", "gzip;q=0.000", "brr", "gzip;q=2",
        "gzip;q=", "gzip;q=0.0001", "gzip;q=1.5", ";;,,=", "gzip;level=9"}) {
    EXPECT_EQ(preferred_coding(text), std::nullopt) << text;
  }
}

TEST(Compressible, AreTextsAndWhatIsLikeThem) {
  for (std::string_view type : {"text/html; charset=utf-8", "TEXT/CSS", "application/json",
                                "application/problem+json", "image/svg+xml", "application/wasm"}) {
    EXPECT_TRUE(is_compressible(type)) << type;
  }
  for (std::string_view type : {"text/event-stream", "image/png", "application/octet-stream",
                                "application/zip", "video/mp4", "text/", "", "json"}) {
    EXPECT_FALSE(is_compressible(type)) << type;
  }
}

class ResponseCompressionTest : public testing::Test {
 protected:
  ResponseHead head(std::string_view type = "text/html") {
    ResponseHead made;
    made.status = 200;
    (void)made.headers.append("content-type", type);
    return made;
  }

  // The whole of a body, decoded if it has got a coding.
  std::string content(const ResponseHead& of, ResponseCompression::Body body) {
    if (auto* held = std::get_if<std::string>(&body)) return *held;
    auto source = std::move(std::get<std::unique_ptr<ByteSource>>(body));
    if (auto coding = of.headers.find("content-encoding")) {
      source = decode_source(std::move(source), *coding_named(*coding), nullptr);
    }
    std::string all;
    for (bool ended = false; !ended;) {
      bool answered = false;
      source->read([&](Result<std::string> chunk) {
        answered = true;
        ended = !chunk || chunk->empty();
        if (chunk) all += *chunk;
        if (!chunk) all += "error: " + chunk.error().message();
      });
      while (!answered && loop_.run_one() > 0) {
      }
      loop_.restart();
    }
    return all;
  }

  boost::asio::io_context loop_{1};
  ResponseCompression compression_{loop_, 100, 16u << 20};
};

TEST_F(ResponseCompressionTest, BytesAndStreamsComeOutAsTheyWere) {
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += "line " + std::to_string(i * 7919 % 10'007) + "\n";
  for (Coding coding : {Coding::Gzip, Coding::Brotli}) {
    for (bool streamed : {false, true}) {
      ResponseHead of = head();
      ResponseCompression::Body body = text;
      if (streamed) body = std::unique_ptr<ByteSource>(std::make_unique<StringSource>(text));
      compression_.apply(of, body, coding);
      EXPECT_EQ(of.headers.find("content-encoding"), coding == Coding::Gzip ? "gzip" : "br");
      EXPECT_EQ(of.headers.find("vary"), "Accept-Encoding");
      EXPECT_EQ(content(of, std::move(body)), text);
    }
  }
}

TEST_F(ResponseCompressionTest, WhatMayNotOrNeedNotBeCodedIsLeftAlone) {
  auto untouched = [&](ResponseHead of, std::size_t size = 1000) {
    ResponseCompression::Body body = std::string(size, 'x');
    std::size_t headers = of.headers.size();
    compression_.apply(of, body, Coding::Gzip);
    return std::holds_alternative<std::string>(body) && of.headers.size() == headers;
  };
  EXPECT_FALSE(untouched(head()));
  EXPECT_TRUE(untouched(head(), 99)) << "too short";
  EXPECT_TRUE(untouched(head("image/png")));
  EXPECT_TRUE(untouched(ResponseHead{200, "", {}})) << "no type";
  ResponseHead partial = head();
  partial.status = 206;
  EXPECT_TRUE(untouched(std::move(partial)));
  for (auto [name, value] :
       {std::pair("Content-Encoding", "zstd"), std::pair("Cache-Control", "public, No-Transform"),
        std::pair("Content-Range", "bytes 0-9/20")}) {
    ResponseHead of = head();
    (void)of.headers.append(name, value);
    EXPECT_TRUE(untouched(std::move(of))) << name;
  }
}

TEST_F(ResponseCompressionTest, ValidatorsBecomeWeakAndVaryIsNamedOnce) {
  ResponseHead of = head();
  (void)of.headers.append("ETag", "\"abc\"");
  (void)of.headers.append("Vary", "Origin, accept-encoding");
  ResponseCompression::Body body = std::string(1000, 'x');
  compression_.apply(of, body, Coding::Gzip);
  EXPECT_EQ(of.headers.find("etag"), "W/\"abc\"");
  EXPECT_EQ(of.headers.find("vary"), "Origin, accept-encoding");
  EXPECT_EQ(of.headers.size(), 4u);
}

TEST_F(ResponseCompressionTest, BeyondItsMemoryAnswersGoOutAsTheyAre) {
  std::vector<ResponseCompression::Body> bodies;
  std::size_t plain = 0;
  for (int i = 0; i < 10; ++i) {
    ResponseHead of = head();
    ResponseCompression::Body body = std::string(1000, 'x');
    compression_.apply(of, body, Coding::Brotli);
    plain += std::holds_alternative<std::string>(body) ? 1 : 0;
    bodies.push_back(std::move(body));
  }
  EXPECT_EQ(plain, 5u);
  bodies.clear();
  ResponseHead of = head();
  ResponseCompression::Body body = std::string(1000, 'x');
  compression_.apply(of, body, Coding::Brotli);
  EXPECT_FALSE(std::holds_alternative<std::string>(body)) << "ended ones make room";
}

}  // namespace
}  // namespace atoll::http
