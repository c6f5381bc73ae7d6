#include "http/websocket/handshake.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "http/websocket/sha1.h"

namespace atoll::http {
namespace {

RequestHead request(std::string_view without = "", std::string_view with = "") {
  std::string lines;
  for (std::string_view line :
       {"Upgrade: websocket\r\n", "Connection: keep-alive, Upgrade\r\n",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "Sec-WebSocket-Version: 13\r\n"}) {
    if (without.empty() || !line.starts_with(without)) lines += line;
  }
  lines += with;
  RequestHead head;
  head.method = "GET";
  head.headers = *HeaderBlock::parse(lines);
  return head;
}

int refusal(const RequestHead& head) {
  auto check = check_websocket_request(head);
  EXPECT_NE(check.offer.has_value(), check.refusal.has_value());
  return check.refusal ? check.refusal->status : 0;
}

TEST(Sha1, GivesTheKnownDigests) {
  EXPECT_EQ(hex_encode(sha1("")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hex_encode(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex_encode(sha1(std::string(1'000'000, 'a'))),
            "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST(Handshake, AnswersTheKeyOfTheStandardsExample) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Handshake, IsCheckedInEveryPart) {
  EXPECT_EQ(refusal(request()), 0);
  EXPECT_EQ(refusal(request("Connection")), 400);
  EXPECT_EQ(refusal(request("Sec-WebSocket-Key")), 400);
  EXPECT_EQ(refusal(request("Sec-WebSocket-Key", "Sec-WebSocket-Key: short\r\n")), 400);
  EXPECT_EQ(refusal(request("", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")), 400);
  EXPECT_EQ(refusal(request("Sec-WebSocket-Version")), 426);
  EXPECT_EQ(refusal(request("Sec-WebSocket-Version", "Sec-WebSocket-Version: 8\r\n")), 426);
  RequestHead post = request();
  post.method = "POST";
  EXPECT_EQ(refusal(post), 400);
  RequestHead old = request();
  old.minor_version = 0;
  EXPECT_EQ(refusal(old), 400);
  EXPECT_FALSE(asks_for_websocket(request("Upgrade").headers));
  EXPECT_TRUE(asks_for_websocket(request("Upgrade", "upgrade: h2c, WebSocket\r\n").headers));
}

TEST(Handshake, OfAServerIsCheckedByItsClient) {
  std::string key = make_websocket_key();
  auto answer = [&](std::string_view accept, std::string_view more) {
    return *HeaderBlock::parse(
        "Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: " +
        std::string(accept) + "\r\n" + std::string(more));
  };
  std::string good = websocket_accept(key);
  EXPECT_FALSE(check_websocket_response(answer(good, ""), key, ""));
  EXPECT_TRUE(check_websocket_response(answer(good + "x", ""), key, ""));
  EXPECT_FALSE(
      check_websocket_response(answer(good, "Sec-WebSocket-Protocol: b\r\n"), key, "a, b"));
  EXPECT_TRUE(check_websocket_response(answer(good, "Sec-WebSocket-Protocol: c\r\n"), key, "a, b"));
  EXPECT_TRUE(check_websocket_response(HeaderBlock(), key, ""));
}

std::string answer_to(std::string_view offer, DeflateWishes wishes = {.keep_contexts = true}) {
  auto answer = answer_deflate_offer(offer, wishes);
  return answer ? answer->header : "none";
}

TEST(DeflateOffer, IsAnsweredWithWhatBothWant) {
  EXPECT_EQ(answer_to("permessage-deflate"), "permessage-deflate");
  EXPECT_EQ(answer_to("permessage-deflate", {}),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
  EXPECT_EQ(answer_to("permessage-deflate; server_no_context_takeover"),
            "permessage-deflate; server_no_context_takeover");
  EXPECT_EQ(answer_to("permessage-deflate; client_max_window_bits"), "permessage-deflate");
  EXPECT_EQ(answer_to("permessage-deflate; server_max_window_bits=\"9\""),
            "permessage-deflate; server_max_window_bits=9");
  EXPECT_EQ(answer_to("permessage-deflate; server_max_window_bits=8, permessage-deflate"),
            "permessage-deflate");
}

TEST(DeflateOffer, IsRefusedWhenMalformed) {
  for (const char* offer :
       {"", "x-other", "permessage-deflate; what", "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=09",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_no_context_takeover=x",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover"}) {
    EXPECT_EQ(answer_to(offer), "none") << offer;
  }
}

TEST(DeflateAnswer, IsUnderstoodByTheClient) {
  auto agreed = read_deflate_answer("permessage-deflate; server_no_context_takeover");
  ASSERT_TRUE(agreed);
  EXPECT_FALSE(agreed->keeps_peer_context);
  EXPECT_TRUE(read_deflate_answer("permessage-deflate")->keeps_peer_context);
  EXPECT_FALSE(read_deflate_answer("permessage-deflate; client_max_window_bits=10"));
  EXPECT_FALSE(read_deflate_answer("permessage-deflate, x-other"));
  EXPECT_FALSE(read_deflate_answer("x-other"));
}

}  // namespace
}  // namespace atoll::http
