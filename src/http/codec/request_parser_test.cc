#include "http/codec/request_parser.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace atoll::http {
namespace {

using namespace std::string_view_literals;

struct Outcome {
  HeadProgress progress;
  int status = 0;
  std::string reason;
  std::size_t consumed = 0;
  RequestHead head;
};

Outcome outcome_of(RequestHeadParser& parser, HeadProgress progress) {
  Outcome outcome{.progress = progress, .status = 0, .reason = {}, .consumed = 0, .head = {}};
  if (progress == HeadProgress::Refused) {
    outcome.status = parser.refusal().status;
    outcome.reason = parser.refusal().reason;
  }
  if (progress == HeadProgress::Complete) {
    outcome.consumed = parser.consumed();
    outcome.head = parser.take();
  }
  return outcome;
}

Outcome parse_whole(std::string_view text, const HeadLimits& limits = {}) {
  RequestHeadParser parser(limits);
  return outcome_of(parser, parser.feed(text));
}

Outcome parse_by_bytes(std::string_view text, const HeadLimits& limits = {}) {
  RequestHeadParser parser(limits);
  std::string moving;  // its bytes change place as it grows, like a connection's buffer
  HeadProgress progress = HeadProgress::NeedMore;
  for (char c : text) {
    moving.push_back(c);
    progress = parser.feed(moving);
    if (progress != HeadProgress::NeedMore) break;
  }
  return outcome_of(parser, progress);
}

// Parses both ways, and insists that they agree.
Outcome parse(std::string_view text, const HeadLimits& limits = {}) {
  Outcome whole = parse_whole(text, limits);
  Outcome bytes = parse_by_bytes(text, limits);
  EXPECT_EQ(whole.progress, bytes.progress) << text;
  EXPECT_EQ(whole.status, bytes.status) << text;
  EXPECT_EQ(whole.reason, bytes.reason) << text;
  EXPECT_EQ(whole.consumed, bytes.consumed) << text;
  EXPECT_EQ(whole.head.target, bytes.head.target) << text;
  EXPECT_EQ(whole.head.headers.raw(), bytes.head.headers.raw()) << text;
  EXPECT_EQ(whole.head.keep_alive, bytes.head.keep_alive) << text;
  return whole;
}

void expect_refused(int status, std::string_view text) {
  Outcome outcome = parse(text);
  EXPECT_EQ(outcome.progress, HeadProgress::Refused) << text;
  EXPECT_EQ(outcome.status, status) << text;
}

RequestHead expect_accepted(std::string_view text) {
  Outcome outcome = parse(text);
  EXPECT_EQ(outcome.progress, HeadProgress::Complete) << text << "\n" << outcome.reason;
  return std::move(outcome.head);
}

std::string with_header(std::string_view line) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(line) + "\r\n\r\n";
}

TEST(RequestHeadParser, ReadsARequestAndLeavesWhatFollows) {
  std::string_view text =
      "GET /a?b=%20c HTTP/1.1\r\nHost: example.org:80\r\nX-Empty:\r\nX-Blank: \t a b\t "
      "\r\n\r\nBODY";
  Outcome outcome = parse(text);
  ASSERT_EQ(outcome.progress, HeadProgress::Complete);
  EXPECT_EQ(text.substr(outcome.consumed), "BODY");
  RequestHead& head = outcome.head;
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.target, "/a?b=%20c");
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_EQ(head.host(), "example.org:80");
  EXPECT_EQ(head.framing, BodyFraming::None);
  EXPECT_TRUE(head.keep_alive);
  ASSERT_EQ(head.headers.size(), 3u);
  EXPECT_EQ(head.headers.find("x-empty"), "");
  EXPECT_EQ(head.headers.find("X-BLANK"), "a b");
  EXPECT_EQ(head.headers.find("x-none"), std::nullopt);
  EXPECT_EQ(head.headers.raw(), "Host: example.org:80\r\nX-Empty:\r\nX-Blank: \t a b\t \r\n");
}

TEST(RequestHeadParser, CanBeUsedAgainAfterReset) {
  HeadLimits limits;
  RequestHeadParser parser(limits);
  ASSERT_EQ(parser.feed("GET /1 HTTP/1.0\r\n\r\n"), HeadProgress::Complete);
  EXPECT_EQ(parser.take().target, "/1");
  parser.reset();
  ASSERT_EQ(parser.feed("GET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
            HeadProgress::Complete);
  RequestHead second = parser.take();
  EXPECT_EQ(second.target, "/2");
  EXPECT_EQ(second.headers.size(), 2u);
  parser.reset();
  ASSERT_EQ(parser.feed("GET"), HeadProgress::NeedMore);
  parser.reset();
  ASSERT_EQ(parser.feed("GET /3 HTTP/1.1\r\nHost: a\r\n\r\n"), HeadProgress::Complete);
  EXPECT_TRUE(parser.take().keep_alive);
}

TEST(RequestHeadParser, ToleratesAFewBlankLinesBeforeARequest) {
  EXPECT_EQ(expect_accepted("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").target, "/");
  std::string many;
  for (int i = 0; i < 10; ++i) many += "\r\n";
  expect_refused(400, many + "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST(RequestHeadParser, KeepsAConnectionAliveAsTheVersionsSay) {
  EXPECT_TRUE(expect_accepted("GET / HTTP/1.1\r\nHost: a\r\n\r\n").keep_alive);
  EXPECT_FALSE(
      expect_accepted("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n").keep_alive);
  EXPECT_FALSE(expect_accepted("GET / HTTP/1.0\r\nHost: a\r\n\r\n").keep_alive);
  EXPECT_TRUE(expect_accepted("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
  EXPECT_FALSE(
      expect_accepted("GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n")
          .keep_alive);
  EXPECT_EQ(expect_accepted("GET / HTTP/1.9\r\nHost: a\r\n\r\n").minor_version, 1);
}

TEST(RequestHeadParser, AcceptsTheFourFormsOfATargetThatMakeSense) {
  EXPECT_EQ(expect_accepted("GET /x HTTP/1.1\r\nHost: a\r\n\r\n").path(), "/x");
  EXPECT_EQ(expect_accepted("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").path(), "*");
  RequestHead absolute = expect_accepted("GET HTTP://b:8080/x?y HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(absolute.host(), "b:8080");
  EXPECT_EQ(absolute.path(), "/x?y");
  EXPECT_EQ(expect_accepted("GET http://b HTTP/1.1\r\nHost: a\r\n\r\n").path(), "/");
  EXPECT_EQ(expect_accepted("GET https://[::1]?q HTTP/1.1\r\nHost: a\r\n\r\n").path(), "?q");
  expect_refused(400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_refused(400, "GET x HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_refused(400, "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_refused(400, "GET http://u:p@b/ HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_refused(400, "GET ftp://b/ HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_refused(400, "GET http://a%20b/ HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST(RequestHeadParser, TakesMethodsOfCapitalLettersOnly) {
  for (std::string_view method : {"GET", "M-SEARCH", "X_Y", "PROPFIND"}) {
    EXPECT_EQ(expect_accepted(std::string(method) + " / HTTP/1.1\r\nHost: a\r\n\r\n").method,
              method);
  }
  for (std::string_view method :
       {"get", "Get", "abcdeGET", "G.T", "G1T", "1", "G'T", "G~T", "G%T"}) {
    expect_refused(400, std::string(method) + " / HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  expect_refused(501, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_refused(501, "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST(RequestHeadParser, RefusesMalformedRequestLines) {
  for (std::string_view line :
       {"GET  / HTTP/1.1", "GET /  HTTP/1.1", " GET / HTTP/1.1", "GET / HTTP/1.1 ", "GET /",
        "GET\t/ HTTP/1.1", "G(T / HTTP/1.1", "GET / http/1.1", "GET / HTTP/1.", "GET / HTTP/1.12",
        "GET / HTTP/11", "GET / HTTP/x.1", "GET /a b HTTP/1.1", "GET /#f HTTP/1.1", "/ HTTP/1.1",
        "GET /\x01 HTTP/1.1", "GET /\x7f HTTP/1.1", "GET / FTP/1.1", "GET / HTTP/1,1"}) {
    expect_refused(400, std::string(line) + "\r\nHost: a\r\n\r\n");
  }
  expect_refused(400, std::string(40, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_refused(400, "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"sv);
}

TEST(RequestHeadParser, RefusesOtherMajorVersionsWith505) {
  expect_refused(505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n");
  expect_refused(505, "GET / HTTP/0.9\r\n\r\n");
  expect_refused(505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
}

TEST(RequestHeadParser, RefusesLinesThatDoNotEndInCarriageReturnAndLineFeed) {
  expect_refused(400, "GET / HTTP/1.1\nHost: a\n\n");
  expect_refused(400, "GET / HTTP/1.1\r\nHost: a\n\r\n");
  expect_refused(400, "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n");
  expect_refused(400, "GET / HTTP/1.1\r\nHost: a\r\n\rX\r\n\r\n");
  expect_refused(400, "GET / HTTP/1.1\r\nHost: a\rContent-Length: 3\r\n\r\n");
  expect_refused(400, "GET / HTTP/1.1\r\nHost: a\r\n\n");
  expect_refused(400, "GET / HTTP/1.1\rX\r\nHost: a\r\n\r\n");
  expect_refused(400, "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST(RequestHeadParser, RefusesMalformedHeaderLines) {
  for (std::string_view line :
       {"X : 1", "X\t: 1", ": 1", "X", "X Y: 1", "X\x01: 1", "X: \x01", "X: a\x7f", "X: a\x0b",
        "(X): 1", "X\xc3\xa4: 1", "X: a\r\n folded", "X: a\r\n\tfolded", " X: 1", "\"X\": 1"}) {
    expect_refused(400, with_header(line));
  }
  expect_refused(400, with_header(std::string_view("X: a\0b", 6)));
  expect_refused(400, with_header(std::string_view("X\0: a", 5)));
  EXPECT_EQ(expect_accepted(with_header("X: caf\xc3\xa9\tau lait")).headers.find("x"),
            "caf\xc3\xa9\tau lait");
}

TEST(RequestHeadParser, InsistsOnOneWellFormedHost) {
  expect_refused(400, "GET / HTTP/1.1\r\n\r\n");
  expect_refused(400, "GET http://b/ HTTP/1.1\r\n\r\n");
  expect_refused(400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n");
  expect_refused(400, "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n");
  for (std::string_view host :
       {"",         "a b",     "a/b", "u@a", "a\\b", "a?b",    "a#b", "a\tb", "caf\xc3\xa9",
        "a%41",     ".",       "..",  ".a",  "a..",  "a..b",   ":80", "a:x",  "a:-1",
        "a:123456", "a:80:80", "::1", "[]",  "[::1", "[::1]x", "[x]", "\ta",  "a\t"}) {
    expect_refused(400, "GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n");
  }
  EXPECT_EQ(expect_accepted("GET / HTTP/1.1\r\nhOST:[::1]:80\r\n\r\n").host(), "[::1]:80");
  for (std::string_view host : {"a.", "a:", "a:65535", "a_b.c", "127.0.0.1:1"}) {
    EXPECT_EQ(expect_accepted("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n").host(),
              host);
  }
  EXPECT_EQ(expect_accepted("GET / HTTP/1.0\r\n\r\n").host(), "");
}

TEST(RequestHeadParser, ReadsTheFramingOfABody) {
  EXPECT_EQ(expect_accepted(with_header("X: 1")).framing, BodyFraming::None);
  RequestHead length = expect_accepted(with_header("Content-Length: 9223372036854775807"));
  EXPECT_EQ(length.framing, BodyFraming::Length);
  EXPECT_EQ(length.content_length, 9223372036854775807u);
  EXPECT_EQ(expect_accepted(with_header("content-length:0")).content_length, 0u);
  EXPECT_EQ(expect_accepted(with_header("Transfer-Encoding: Chunked")).framing,
            BodyFraming::Chunked);
}

TEST(RequestHeadParser, RefusesFramingThatCouldBeReadTwoWays) {
  for (std::string_view lines : {
           "Content-Length: 5\r\nTransfer-Encoding: chunked",
           "Transfer-Encoding: chunked\r\nContent-Length: 5",
           "Transfer-Encoding: chunked\r\nContent-Length: 0",
           "Content-Length: 0\r\ntransfer-encoding: chunked",
           "Content-Length: 5\r\nContent-Length: 6",
           "Content-Length: 5\r\nContent-Length: 5",
           "Content-Length: 5, 5",
           "Content-Length: 5,6",
           "Content-Length: +5",
           "Content-Length: -5",
           "Content-Length: 0x5",
           "Content-Length: 5 5",
           "Content-Length: 5.0",
           "Content-Length: 1e3",
           "Content-Length:",
           "Content-Length: ,",
           "Content-Length: \"5\"",
           "Content-Length: 9223372036854775808",
           "Content-Length: 18446744073709551617",
           "Content-Length: 00000000000000000005",
           "Content-Length : 5",
           "Content-Length:\t5",
           "Content-Length: \t5",
           "Content-Length: 5\t ",
           "Transfer-Encoding:\tchunked",
           "Transfer-Encoding: chunked\t",
           "Content-Length\t: 5",
           "Transfer-Encoding : chunked",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
           "Transfer-Encoding: \vchunked",
           "Transfer-Encoding:\r\n chunked",
           "X: a\rTransfer-Encoding: chunked",
           "X: a\nTransfer-Encoding: chunked",
       }) {
    expect_refused(400, with_header(lines));
  }
  for (std::string_view value :
       {"gzip, chunked", "chunked, identity", "chunked, chunked", "identity", "xchunked",
        "chunkedx", "chunked;q=1", "\"chunked\"", "x y"}) {
    expect_refused(501, with_header("Transfer-Encoding: " + std::string(value)));
  }
  expect_refused(400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST(RequestHeadParser, KnowsOneExpectation) {
  EXPECT_TRUE(expect_accepted(with_header("Expect: 100-Continue")).expect_continue);
  EXPECT_FALSE(expect_accepted("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").expect_continue);
  expect_refused(417, with_header("Expect: miracles"));
}

TEST(RequestHeadParser, RefusesAUrlOverItsLimitWith414) {
  HeadLimits limits{.header_bytes = 1000, .header_count = 10, .url_bytes = 20};
  std::string longest = "/" + std::string(19, 'x');
  std::string rest = " HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(parse("GET " + longest + rest, limits).progress, HeadProgress::Complete);
  EXPECT_EQ(parse("GET " + longest + "x" + rest, limits).status, 414);
  EXPECT_EQ(parse("GET " + longest + "xxxxxxxxx", limits).status, 414);
  EXPECT_EQ(parse("GET " + longest + "x\x01" + rest, limits).status, 414);
}

TEST(RequestHeadParser, RefusesHeadersOverTheirLimitsWith431) {
  HeadLimits limits{.header_bytes = 40, .header_count = 3, .url_bytes = 100};
  std::string line = "GET / HTTP/1.1\r\n";
  std::string host = "Host: a\r\n";  // 9 bytes; the blank line takes 2
  std::string exact = "X: " + std::string(24, 'x') + "\r\n";
  EXPECT_EQ(parse(line + host + exact + "\r\n", limits).progress, HeadProgress::Complete);
  EXPECT_EQ(parse(line + host + "y" + exact + "\r\n", limits).status, 431);
  EXPECT_EQ(parse(line + host + "X: " + std::string(200, 'x'), limits).status, 431);
  EXPECT_EQ(parse(line + host + "A: 1\r\nB: 2\r\n\r\n", limits).progress, HeadProgress::Complete);
  EXPECT_EQ(parse(line + host + "A: 1\r\nB: 2\r\nC: 3\r\n\r\n", limits).status, 431);
}

}  // namespace
}  // namespace atoll::http
