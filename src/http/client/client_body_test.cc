// Request bodies of the client.
#include <thread>

#include "http/client/client_test_fixture.h"

namespace atoll::http::testing {
namespace {

class ClientBodyTest : public ClientTest {
 protected:
  ClientRequest streaming(std::optional<std::uint64_t> length, std::string method = "POST") {
    chunks = std::make_shared<Chunks>();
    return request(std::move(method), std::make_unique<ChunkSource>(chunks, length));
  }
  std::string sent_body(std::size_t index = 0) {
    const std::string& all = wire(index).to_origin;
    return all.substr(all.find("\r\n\r\n") + 4);
  }
  std::shared_ptr<Chunks> chunks;
};

TEST_F(ClientBodyTest, a_source_of_known_length_is_sent_as_it_comes) {
  auto answer = send(streaming(5));
  EXPECT_NE(wire().to_origin.find("Content-Length: 5\r\n"), std::string::npos);
  chunks->give("he");
  run();
  EXPECT_EQ(sent_body(), "he");
  chunks->give("llo");
  run();
  EXPECT_EQ(sent_body(), "hello");
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(client().idle_connections(), 1u);
}

TEST_F(ClientBodyTest, a_source_of_unknown_length_is_sent_in_chunks) {
  auto answer = send(streaming(std::nullopt));
  EXPECT_NE(wire().to_origin.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  chunks->give("hello");
  run();
  chunks->give(std::string());
  run();
  EXPECT_EQ(sent_body(), "5\r\nhello\r\n0\r\n\r\n");
}

TEST_F(ClientBodyTest, large_bytes_at_hand_follow_their_head) {
  std::string large(100000, 'x');
  send(request("PUT", large));
  EXPECT_EQ(sent_body(), large);
}

TEST_F(ClientBodyTest, methods_that_usually_have_a_body_say_when_there_is_none) {
  send(request("POST"));
  EXPECT_NE(wire().to_origin.find("Content-Length: 0\r\n"), std::string::npos);
  send(request("GET"));
  EXPECT_EQ(wire(1).to_origin.find("Content-Length"), std::string::npos);
}

TEST_F(ClientBodyTest, a_source_that_fails_or_lies_about_its_length_breaks_the_request_off) {
  auto answer = send(streaming(5));
  chunks->give(fail(Error(ErrorKind::Unavailable, "gone")));
  run();
  EXPECT_EQ(answer->error(), "gone");
  EXPECT_TRUE(wire().client_closed);

  answer = send(streaming(5));
  chunks->give("too long");
  run();
  EXPECT_NE(answer->error(), "");
  EXPECT_EQ(sent_body(1), "");

  answer = send(streaming(5));
  chunks->give("abc");
  run();
  chunks->give(std::string());
  run();
  EXPECT_NE(answer->error(), "");
  EXPECT_TRUE(wire(2).client_closed);
}

TEST_F(ClientBodyTest, a_stalled_connection_is_back_pressure) {
  connector.stall_next = true;
  send(streaming(std::nullopt));
  chunks->give("a");
  run();
  EXPECT_EQ(chunks->ready.size(), 1u);
  wire().resume_writes();
  run();
  EXPECT_EQ(chunks->ready.size(), 0u);
}

TEST_F(ClientBodyTest, the_response_may_come_while_the_request_is_sent) {
  auto answer = send(streaming(std::nullopt));
  origin_sends("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  ASSERT_EQ(answer->response().status, 200);
  answer->call.reset();
  chunks->give("ping");
  run();
  EXPECT_EQ(sent_body(), "4\r\nping\r\n");
  origin_sends("4\r\npong\r\n");
  chunks->give(std::string());
  run();
  origin_sends("0\r\n\r\n");
  EXPECT_EQ(read_all(*answer), "pong");
  EXPECT_EQ(client().idle_connections(), 1u);
}

TEST_F(ClientBodyTest, a_response_may_outrun_the_news_that_its_request_is_sent) {
  connector.stall_next = true;
  auto answer = send(request("POST", "body"));
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(read_all(*answer), "ok");
  EXPECT_EQ(client().idle_connections(), 0u);
  EXPECT_FALSE(wire().client_closed);
  wire().resume_writes();
  run();
  EXPECT_EQ(client().idle_connections(), 1u);
}

TEST_F(ClientBodyTest, a_response_that_ends_first_ends_the_upload) {
  auto answer = send(streaming(std::nullopt));
  origin_sends("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
  EXPECT_EQ(read_all(*answer), "no");
  run();
  EXPECT_TRUE(chunks->dropped);
  EXPECT_TRUE(wire().client_closed);
}

TEST_F(ClientBodyTest, a_source_may_answer_after_it_was_given_up) {
  auto answer = send(streaming(std::nullopt));
  ASSERT_TRUE(chunks->waiting);
  answer->call.reset();
  EXPECT_FALSE(chunks->dropped);  // it goes from the loop
  chunks->give("late");
  run();
  EXPECT_TRUE(chunks->dropped);
}

TEST_F(ClientBodyTest, a_connection_that_takes_no_more_may_still_bring_the_answer) {
  auto answer = send(streaming(std::nullopt));
  wire().writes_fail = true;
  chunks->give("x");
  run();
  origin_sends("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
  EXPECT_EQ(read_all(*answer), "no");
  EXPECT_TRUE(wire().client_closed);
}

TEST_F(ClientBodyTest, a_streamed_body_is_sent_once) {
  send(request());
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  auto answer = send(streaming(5, "PUT"));
  chunks->give("abc");
  run();
  wire().close();
  run();
  EXPECT_EQ(answer->error(), "Network connection lost.");
  EXPECT_EQ(connector.targets.size(), 1u);
}

TEST_F(ClientBodyTest, an_expected_continue_holds_the_body_back) {
  auto asked = request("POST", "body");
  ASSERT_TRUE(asked.headers.append("Expect", "100-continue"));
  auto answer = send(std::move(asked));
  EXPECT_EQ(sent_body(), "");
  origin_sends("HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(sent_body(), "body");
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(answer->response().status, 200);
}

TEST_F(ClientBodyTest, an_origin_that_does_not_know_continue_gets_the_body_late) {
  auto asked = streaming(4);
  ASSERT_TRUE(asked.headers.append("Expect", "100-continue"));
  send(std::move(asked));
  chunks->give("body");
  run();
  EXPECT_EQ(sent_body(), "");
  std::this_thread::sleep_for(limits.continue_wait * 2);
  run();
  EXPECT_EQ(sent_body(), "body");
}

TEST_F(ClientBodyTest, a_refused_expectation_keeps_the_body_home) {
  auto asked = streaming(4);
  ASSERT_TRUE(asked.headers.append("Expect", "100-continue"));
  auto answer = send(std::move(asked));
  origin_sends("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(answer->response().status, 417);
  EXPECT_EQ(sent_body(), "");
  EXPECT_TRUE(wire().client_closed);
}

}  // namespace
}  // namespace atoll::http::testing
