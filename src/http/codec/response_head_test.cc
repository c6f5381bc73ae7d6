#include "http/codec/response_head.h"

#include <gtest/gtest.h>

namespace atoll::http {
namespace {

HeaderBlock headers(std::string lines) { return HeaderBlock::parse(std::move(lines)).value(); }

std::string write(const ResponseHead& head, const ResponseHeadOptions& options) {
  std::string out;
  append_response_head(out, head, options);
  return out;
}

constexpr std::string_view kDate = "Date: today\r\n";

TEST(ResponseHead, IsWrittenWithDateHeadersAndLength) {
  ResponseHead head{.status = 200,

                    .headers = headers("A: 1\r\nSet-Cookie: x\r\nSet-Cookie: y\r\n")};
  EXPECT_EQ(write(head, {.body_length = 12, .date_line = kDate}),
            "HTTP/1.1 200 OK\r\nDate: today\r\nA: 1\r\nSet-Cookie: x\r\nSet-Cookie: y\r\n"
            "Content-Length: 12\r\n\r\n");
}

TEST(ResponseHead, NeverTakesItsFramingFromTheHeadersGiven) {
  ResponseHead head{.status = 200,

                    .headers = headers("content-length: 999\r\nX: 1\r\nTRANSFER-ENCODING: gzip\r\n"
                                       "Connection: upgrade\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\n"
                                       "Proxy-Connection: close\r\nY: 2\r\n")};
  EXPECT_EQ(write(head, {.body_length = 3, .date_line = kDate}),
            "HTTP/1.1 200 OK\r\nDate: today\r\nX: 1\r\nY: 2\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(write(head, {.framing = ResponseFraming::Chunked,
                         .body_length = {},
                         .request = {},
                         .date_line = kDate}),
            "HTTP/1.1 200 OK\r\nDate: today\r\nX: 1\r\nY: 2\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST(ResponseHead, KeepsADateThatIsGiven) {
  ResponseHead head{.status = 200, .headers = headers("date: then\r\n")};
  EXPECT_EQ(write(head, {.body_length = 0, .date_line = kDate}),
            "HTTP/1.1 200 OK\r\ndate: then\r\nContent-Length: 0\r\n\r\n");
}

TEST(ResponseHead, WritesItsReasonUnlessThatWouldSplitTheResponse) {
  ResponseHeadOptions options{.body_length = 0};
  ResponseHead head{.status = 299, .reason = "Fine Enough"};
  EXPECT_TRUE(write(head, options).starts_with("HTTP/1.1 299 Fine Enough\r\n"));
  head.reason = "x\r\nSet-Cookie: evil=1";
  EXPECT_TRUE(write(head, options).starts_with("HTTP/1.1 299 Unknown\r\n"));
  head.status = 42;
  EXPECT_TRUE(write(head, options).starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
}

TEST(ResponseHead, TellsWhetherTheConnectionEnds) {
  ResponseHead head;
  EXPECT_TRUE(
      write(head, {.body_length = 0, .close = true}).ends_with("Connection: close\r\n\r\n"));
  EXPECT_TRUE(write(head, {.body_length = 0, .request = {.is_head = false, .minor_version = 0}})
                  .ends_with("Connection: keep-alive\r\n\r\n"));
}

TEST(ResponseHead, ChoosesTheFramingByStatusAndRequest) {
  EXPECT_EQ(choose_framing(200, {}, 5), ResponseFraming::Length);
  EXPECT_EQ(choose_framing(200, {}, std::nullopt), ResponseFraming::Chunked);
  EXPECT_EQ(choose_framing(200, {false, 0}, std::nullopt), ResponseFraming::UntilClose);
  EXPECT_EQ(choose_framing(200, {true, 1}, 5), ResponseFraming::NoBody);
  for (int status : {204, 205, 304}) {
    EXPECT_EQ(choose_framing(status, {}, std::nullopt), ResponseFraming::NoBody);
  }
}

TEST(ResponseHead, ToldWithoutABodyKeepsTheLengthThatGetWouldHave) {
  auto without_body = [](int status, std::string lines, std::optional<std::uint64_t> length) {
    ResponseHead head{.status = status, .headers = headers(std::move(lines))};
    return write(head, {.framing = ResponseFraming::NoBody,
                        .body_length = length,
                        .request = {.is_head = status == 200, .minor_version = 1}});
  };
  EXPECT_EQ(without_body(200, "", 7), "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
  EXPECT_EQ(without_body(200, "Content-Length: 9\r\n", 0),
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
  EXPECT_EQ(without_body(200, "Content-Length: x\r\n", 0),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(without_body(200, "", std::nullopt), "HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(without_body(304, "Content-Length: 9\r\n", 0),
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n");
  EXPECT_EQ(without_body(304, "", 0), "HTTP/1.1 304 Not Modified\r\n\r\n");
  EXPECT_EQ(without_body(204, "Content-Length: 9\r\n", 0), "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(without_body(205, "Content-Length: 9\r\n", 0),
            "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n");
}

TEST(ResponseHead, KnowsTheUsualPhrases) {
  EXPECT_EQ(standard_reason(200), "OK");
  EXPECT_EQ(standard_reason(201), "Created");
  EXPECT_EQ(standard_reason(404), "Not Found");
  EXPECT_EQ(standard_reason(511), "Network Authentication Required");
  EXPECT_EQ(standard_reason(199), "Unknown");
  EXPECT_EQ(standard_reason(999), "Unknown");
}

TEST(ResponseHead, FormatsDatesAsTheStandardSays) {
  EXPECT_EQ(format_date_line(784111777), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
}

}  // namespace
}  // namespace atoll::http
