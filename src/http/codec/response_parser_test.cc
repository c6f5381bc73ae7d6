#include "http/codec/response_parser.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace atoll::http {
namespace {

struct Reading {
  HeadProgress progress = HeadProgress::NeedMore;
  std::string problem;
  std::size_t consumed = 0;
  ReceivedHead head;
};

Reading read(std::string_view text, AskedMethod method, std::size_t piece,
             const HeadLimits& limits) {
  ResponseHeadParser parser(limits);
  parser.reset(method);
  Reading reading;
  for (std::size_t size = std::min(piece, text.size());;
       size = std::min(size + piece, text.size())) {
    reading.progress = parser.feed(std::string(text.substr(0, size)));
    if (reading.progress != HeadProgress::NeedMore || size == text.size()) break;
  }
  if (reading.progress == HeadProgress::Refused) reading.problem = parser.problem();
  if (reading.progress == HeadProgress::Complete) {
    reading.consumed = parser.consumed();
    reading.head = parser.take();
  }
  return reading;
}

// Reads both at once and byte by byte, and insists that they agree.
Reading parse(std::string_view text, AskedMethod method = AskedMethod::Other,
              const HeadLimits& limits = {}) {
  Reading whole = read(text, method, text.size(), limits);
  Reading bytes = read(text, method, 1, limits);
  EXPECT_EQ(whole.progress, bytes.progress) << text;
  EXPECT_EQ(whole.problem, bytes.problem) << text;
  EXPECT_EQ(whole.consumed, bytes.consumed) << text;
  EXPECT_EQ(whole.head.headers.raw(), bytes.head.headers.raw()) << text;
  EXPECT_EQ(whole.head.reason, bytes.head.reason) << text;
  return whole;
}

ReceivedHead accepted(std::string_view text, AskedMethod method = AskedMethod::Other) {
  Reading reading = parse(text, method);
  EXPECT_EQ(reading.progress, HeadProgress::Complete) << text << "\n" << reading.problem;
  return std::move(reading.head);
}

void expect_refused(std::string_view text, std::string_view problem) {
  Reading reading = parse(text);
  EXPECT_EQ(reading.progress, HeadProgress::Refused) << text;
  EXPECT_EQ(reading.problem, problem) << text;
}

std::string ok_with(std::string_view lines) {
  return "HTTP/1.1 200 OK\r\n" + std::string(lines) + "\r\n";
}

TEST(ResponseHeadParser, reads_a_response_and_leaves_what_follows) {
  std::string_view text =
      "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nX-Empty:\r\nSet-Cookie: a\r\n"
      "Set-Cookie: b\r\n\r\nabc";
  Reading reading = parse(text);
  ASSERT_EQ(reading.progress, HeadProgress::Complete);
  EXPECT_EQ(text.substr(reading.consumed), "abc");
  EXPECT_EQ(reading.head.status, 404);
  EXPECT_EQ(reading.head.reason, "Not Found");
  EXPECT_EQ(reading.head.framing, ResponseFraming::Length);
  EXPECT_EQ(reading.head.content_length, 3u);
  EXPECT_TRUE(reading.head.keep_alive);
  EXPECT_EQ(reading.head.headers.size(), 4u);
}

TEST(ResponseHeadParser, a_reason_may_be_missing_or_hold_any_text) {
  EXPECT_EQ(accepted("HTTP/1.1 200\r\n\r\n").reason, "");
  EXPECT_EQ(accepted("HTTP/1.1 200 \r\n\r\n").reason, "");
  EXPECT_EQ(accepted("HTTP/1.1 200 \xc3\xa9t\xc3\xa9\r\n\r\n").reason, "\xc3\xa9t\xc3\xa9");
}

TEST(ResponseHeadParser, malformed_status_lines_are_refused) {
  for (std::string_view line :
       {"HTTP/2.0 200 OK", "http/1.1 200 OK", "HTTP/1.1  200 OK", "HTTP/1.1 20 OK",
        "HTTP/1.1 2000 OK", "HTTP/1.1 099 x", "HTTP/1.x 200 OK", "ICY 200 OK",
        "HTTP/1.1 200 a\tb\n", "HTTP/1.1 200OK"}) {
    expect_refused(std::string(line) + "\r\n\r\n", "a malformed status line");
  }
  expect_refused("HTTP/1.1 200 OK\rX: y\r\n\r\n", "a carriage return without a line feed");
}

TEST(ResponseHeadParser, the_end_of_the_body_is_told_by_length_chunks_or_the_close) {
  EXPECT_EQ(accepted(ok_with("Transfer-Encoding: Chunked\r\n")).framing, ResponseFraming::Chunked);
  ReceivedHead open_ended = accepted(ok_with(""));
  EXPECT_EQ(open_ended.framing, ResponseFraming::UntilClose);
  EXPECT_FALSE(open_ended.keep_alive);
  ReceivedHead same = accepted(ok_with("Content-Length: 5\r\nContent-Length: 5\r\n"));
  EXPECT_EQ(same.content_length, 5u);
}

TEST(ResponseHeadParser, some_responses_have_no_body_whatever_they_say) {
  for (std::string_view head :
       {"HTTP/1.1 204 No\r\n\r\n", "HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n"}) {
    EXPECT_EQ(accepted(head).framing, ResponseFraming::NoBody) << head;
    EXPECT_TRUE(accepted(head).keep_alive) << head;
  }
  ReceivedHead of_head = accepted(ok_with("Content-Length: 5\r\n"), AskedMethod::Head);
  EXPECT_EQ(of_head.framing, ResponseFraming::NoBody);
  EXPECT_TRUE(of_head.keep_alive);
  EXPECT_FALSE(accepted("HTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\n").keep_alive);
}

TEST(ResponseHeadParser, framing_that_can_be_read_in_two_ways_is_refused) {
  expect_refused(ok_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
                 "both Content-Length and Transfer-Encoding");
  expect_refused(ok_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
                 "both Content-Length and Transfer-Encoding");
  expect_refused(ok_with("Content-Length: 5\r\nContent-Length: 6\r\n"),
                 "Content-Length headers that contradict each other");
  for (std::string_view length :
       {"+5", "-1", "5, 5", "\t5", "5\t", "0x5", "5 5", "", "99999999999999999999"}) {
    expect_refused(ok_with("Content-Length: " + std::string(length) + "\r\n"),
                   "a malformed Content-Length header");
  }
  for (std::string_view coding : {"gzip, chunked", "chunked, identity", "identity", "xchunked", "",
                                  "chunked;x", "\tchunked", "chunked\t", "\"chunked\""}) {
    expect_refused(ok_with("Transfer-Encoding: " + std::string(coding) + "\r\n"),
                   "a transfer coding other than chunked");
  }
  expect_refused(ok_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
                 "more than one Transfer-Encoding header");
  expect_refused("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                 "Transfer-Encoding in HTTP/1.0");
}

TEST(ResponseHeadParser, knows_whether_the_connection_lives_on) {
  EXPECT_FALSE(accepted(ok_with("Content-Length: 0\r\nConnection: close\r\n")).keep_alive);
  EXPECT_FALSE(accepted("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").keep_alive);
  EXPECT_TRUE(accepted("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n")
                  .keep_alive);
}

TEST(ResponseHeadParser, what_is_too_long_is_refused) {
  HeadLimits limits{.header_bytes = 64, .header_count = 2, .url_bytes = 40};
  std::string status = "HTTP/1.1 200 " + std::string(100, 'x');
  EXPECT_EQ(parse(status, AskedMethod::Other, limits).problem, "a status line that is too long");
  EXPECT_EQ(parse(ok_with("a: b\r\nc: d\r\ne: f\r\n"), AskedMethod::Other, limits).problem,
            "too many headers");
  EXPECT_EQ(
      parse(ok_with("a: " + std::string(80, 'x') + "\r\n"), AskedMethod::Other, limits).problem,
      "headers that are too long");
}

TEST(ResponseHeadParser, can_be_used_for_one_head_after_another) {
  HeadLimits limits;
  ResponseHeadParser parser(limits);
  parser.reset(AskedMethod::Other);
  ASSERT_EQ(parser.feed("HTTP/1.1 100 Continue\r\n\r\n"), HeadProgress::Complete);
  EXPECT_EQ(parser.take().status, 100);
  parser.reset(AskedMethod::Other);
  ASSERT_EQ(parser.feed(ok_with("Content-Length: 7\r\n")), HeadProgress::Complete);
  EXPECT_EQ(parser.take().content_length, 7u);
}

}  // namespace
}  // namespace atoll::http
