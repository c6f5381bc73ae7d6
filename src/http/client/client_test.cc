#include "http/client/client.h"

#include <thread>

#include "http/client/client_test_fixture.h"

namespace atoll::http::testing {
namespace {

TEST_F(ClientTest, sends_a_request_and_gives_the_response) {
  ClientRequest asked = request();
  ASSERT_TRUE(asked.headers.append("accept", "text/plain"));
  auto answer = send(std::move(asked));
  EXPECT_EQ(wire().to_origin,
            "GET /path HTTP/1.1\r\nHost: origin.example\r\naccept: text/plain\r\n\r\n");
  EXPECT_FALSE(answer->result);

  origin_sends("HTTP/1.1 201 Made\r\nContent-Length: 5\r\nX-One: 1\r\n\r\nhel");
  EXPECT_EQ(answer->response().status, 201);
  EXPECT_EQ(answer->response().reason, "Made");
  EXPECT_EQ(answer->response().headers.find("x-one"), "1");
  origin_sends("lo");
  EXPECT_EQ(read_all(*answer), "hello");
}

TEST_F(ClientTest, framing_and_host_are_never_the_callers) {
  ClientRequest asked = request("POST", "body");
  for (auto [name, value] : {std::pair{"Host", "evil.example"},
                             {"Content-Length", "100"},
                             {"Transfer-Encoding", "chunked"},
                             {"Connection", "close"},
                             {"Upgrade", "h2c"},
                             {"Keep-Alive", "x"},
                             {"TE", "trailers"}}) {
    ASSERT_TRUE(asked.headers.append(name, value));
  }
  send(std::move(asked));
  EXPECT_EQ(wire().to_origin,
            "POST /path HTTP/1.1\r\nHost: origin.example\r\nContent-Length: 4\r\n\r\nbody");
}

TEST_F(ClientTest, a_request_that_cannot_be_written_fails) {
  for (std::string path : {"", "path", "/a b", "/a\r\nX: y", "/a\n"}) {
    ClientRequest asked = request();
    asked.path = path;
    EXPECT_NE(send(std::move(asked))->error(), "") << path;
  }
  EXPECT_NE(send(request("GET /x HTTP/1.1\r\nA:"))->error(), "");
  EXPECT_TRUE(connector.targets.empty());
}

TEST_F(ClientTest, bodies_end_by_length_by_chunks_or_with_the_connection) {
  auto chunked = send(request());
  origin_sends("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  origin_sends("2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(read_all(*chunked), "abcde");
  EXPECT_EQ(client().idle_connections(), 1u);

  auto open_ended = send(request());
  origin_sends("HTTP/1.1 200 OK\r\n\r\nabc");
  origin_sends("de");
  wire().close();
  EXPECT_EQ(read_all(*open_ended), "abcde");
  EXPECT_EQ(client().idle_connections(), 0u);
}

TEST_F(ClientTest, a_chunked_body_that_came_with_its_head_is_given_at_once) {
  auto answer = send(request());
  origin_sends("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  EXPECT_TRUE(std::holds_alternative<std::string>(answer->response().body));
  EXPECT_EQ(read_all(*answer), "abc");
}

TEST_F(ClientTest, a_body_that_breaks_off_is_an_error) {
  auto answer = send(request());
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
  wire().close();
  EXPECT_EQ(read_all(*answer), "error: Network connection lost.");

  answer = send(request());
  origin_sends("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", 1);
  origin_sends("cX", 1);
  EXPECT_EQ(read_all(*answer), "error: The origin sent a malformed chunked body.");
  EXPECT_TRUE(wire(1).client_closed);
}

TEST_F(ClientTest, responses_without_a_body_leave_the_connection_usable) {
  auto answer = send(request("HEAD"));
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
  EXPECT_EQ(read_all(*answer), "(none)");
  answer = send(request());
  origin_sends("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(read_all(*answer), "(none)");
  EXPECT_EQ(connector.targets.size(), 1u);
}

TEST_F(ClientTest, a_connection_serves_one_request_after_another) {
  for (int i = 0; i < 3; ++i) {
    auto answer = send(request());
    origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    EXPECT_EQ(read_all(*answer), "ok");
  }
  EXPECT_EQ(connector.targets.size(), 1u);
  EXPECT_EQ(client().idle_connections(), 1u);
}

TEST_F(ClientTest, no_connection_is_shared_between_askers_origins_or_kinds_of_security) {
  auto finish = [&](ClientRequest asked) {
    auto answer = send(std::move(asked));
    origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", connector.wires.size() - 1);
    EXPECT_TRUE(answer->result);
  };
  finish(request());
  ClientRequest other_script = request();
  other_script.asker.script_version = 8;
  finish(std::move(other_script));
  ClientRequest other_port = request();
  other_port.target.port = 81;
  finish(std::move(other_port));
  ClientRequest other_host = request();
  other_host.target.host = "origin2.example";
  finish(std::move(other_host));
  ClientRequest secure = request();
  secure.target.tls = net::TlsOptions{"origin.example", {"http/1.1"}};
  finish(std::move(secure));
  EXPECT_EQ(connector.targets.size(), 5u);
  EXPECT_EQ(client().idle_connections(), 5u);
}

TEST_F(ClientTest, a_connection_that_is_for_one_method_serves_no_other) {
  auto finish = [&](const char* method) {
    auto answer = send(request(method));
    for (std::size_t i = 0; i < connector.wires.size(); ++i) {
      if (!wire(i).to_origin.empty()) {
        wire(i).to_origin.clear();
        origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", i);
      }
    }
    EXPECT_TRUE(answer->result) << method;
  };
  connector.is_for_method = true;
  finish("GET");
  finish("PUT");
  finish("GET");
  finish("PUT");
  EXPECT_EQ(connector.targets.size(), 2u);
  connector.is_for_method = false;
  finish("DELETE");
  finish("OPTIONS");
  EXPECT_EQ(connector.targets.size(), 3u);
}

TEST_F(ClientTest, a_connection_is_not_kept_when_the_origin_says_so_or_sends_too_much) {
  send(request());
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(wire().client_closed);
  send(request());
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 Smuggled\r\n", 1);
  EXPECT_TRUE(wire(1).client_closed);
  send(request());
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 2);
  EXPECT_EQ(client().idle_connections(), 1u);
  origin_sends("HTTP/1.1 200 Unasked\r\n\r\n", 2);
  EXPECT_EQ(client().idle_connections(), 0u);
  EXPECT_TRUE(wire(2).client_closed);
}

TEST_F(ClientTest, a_kept_connection_that_the_origin_closes_is_forgotten) {
  send(request());
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  wire().close();
  run();
  EXPECT_EQ(client().idle_connections(), 0u);
}

TEST_F(ClientTest, only_so_many_connections_are_kept) {
  limits.idle_connections_of_origin = 2;
  std::vector<std::shared_ptr<Answer>> answers;
  for (int i = 0; i < 4; ++i) answers.push_back(send(request()));
  for (std::size_t i = 0; i < 4; ++i) {
    origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", i);
  }
  EXPECT_EQ(client().idle_connections(), 2u);
  EXPECT_TRUE(wire(0).client_closed);
  EXPECT_FALSE(wire(3).client_closed);
}

TEST_F(ClientTest, a_request_on_a_stale_connection_is_sent_again_if_that_is_safe) {
  auto use_once = [&] {
    send(request());
    origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", connector.wires.size() - 1);
  };
  use_once();
  // The origin closes just when the next request is on its way.
  auto answer = send(request("PUT", "again"));
  wire(0).close();
  run();
  ASSERT_EQ(connector.wires.size(), 2u);
  EXPECT_EQ(wire(1).to_origin.substr(wire(1).to_origin.find("\r\n\r\n") + 4), "again");
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1);
  EXPECT_EQ(answer->response().status, 200);

  auto post = send(request("POST", "once"));
  wire(1).close();
  run();
  EXPECT_EQ(post->error(), "Network connection lost.");
  EXPECT_EQ(connector.wires.size(), 2u);
}

TEST_F(ClientTest, a_fresh_connection_that_closes_is_not_tried_again) {
  auto answer = send(request());
  wire().close();
  run();
  EXPECT_EQ(answer->error(), "Network connection lost.");
  EXPECT_EQ(connector.targets.size(), 1u);
}

TEST_F(ClientTest, what_the_connector_says_is_passed_on) {
  connector.failure = Error(ErrorKind::Denied, "no way");
  EXPECT_EQ(send(request())->error(), "no way");
}

TEST_F(ClientTest, only_so_many_connections_are_opened_at_once_and_the_others_wait) {
  limits.opening_of_asker = 2;
  limits.waiting_of_asker = 3;
  connector.hold = true;
  std::vector<std::shared_ptr<Answer>> answers;
  for (int i = 0; i < 6; ++i) answers.push_back(send(request()));
  ClientRequest other = request();
  other.asker.script_version = 8;
  send(std::move(other));
  EXPECT_EQ(connector.targets.size(), 3u);  // two, and one of the other script
  EXPECT_EQ(answers[5]->error(), "Too many requests wait for a connection.");

  answers[2]->call.reset();  // given up while it waits
  connector.let_go();
  run();
  EXPECT_EQ(connector.targets.size(), 5u);
  connector.let_go();
  run();
  EXPECT_EQ(connector.wires.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) {
    origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", i);
  }
  for (std::size_t i : {0, 1, 3, 4}) EXPECT_EQ(answers[i]->response().status, 200);
}

TEST_F(ClientTest, a_request_that_waited_takes_a_connection_left_behind) {
  limits.opening_of_asker = 1;
  auto first = send(request());
  connector.hold = true;
  ClientRequest slow = request();
  slow.target.host = "slow.example";
  auto second = send(std::move(slow));
  auto third = send(request());
  EXPECT_EQ(connector.targets.size(), 2u);
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  connector.let_go();
  run();
  EXPECT_EQ(connector.targets.size(), 2u);
  origin_sends("HTTP/1.1 202 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(third->response().status, 202);
}

TEST_F(ClientTest, an_answer_that_is_not_http_is_an_error) {
  auto answer = send(request());
  origin_sends("SSH-2.0-OpenSSH\r\n");
  EXPECT_EQ(answer->error(), "The origin's answer is not HTTP: a malformed status line.");
  EXPECT_TRUE(wire().client_closed);
}

TEST_F(ClientTest, interim_responses_are_passed_over_but_not_forever) {
  auto answer = send(request());
  origin_sends("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n");
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(read_all(*answer), "ok");

  limits.interim_responses = 2;
  answer = send(request());
  for (int i = 0; i < 20; ++i) origin_sends("HTTP/1.1 103 Early Hints\r\n\r\n");
  EXPECT_NE(answer->error(), "");
}

TEST_F(ClientTest, giving_up_a_call_closes_its_connection) {
  auto answer = send(request());
  answer->call.reset();
  EXPECT_TRUE(wire().client_closed);
  run();
  EXPECT_FALSE(answer->result);

  auto connecting = client().send(request(), [](const Result<ClientResponse>&) { FAIL(); });
  connecting.reset();
  run();
}

TEST_F(ClientTest, dropping_a_body_closes_the_connection) {
  auto answer = send(request());
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nabc");
  EXPECT_FALSE(wire().client_closed);
  answer->result.reset();
  EXPECT_TRUE(wire().client_closed);
}

TEST_F(ClientTest, an_unread_body_is_not_fetched) {
  auto answer = send(request());
  origin_sends("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
  std::string large(1 << 20, 'x');
  origin_sends(large);
  EXPECT_GE(wire().to_client.size(), large.size() - 2 * net::Stream::kMaxReadBytes);
}

TEST_F(ClientTest, another_protocol_is_only_for_those_who_asked) {
  auto answer = send(request());
  origin_sends("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_NE(answer->error(), "");

  ClientRequest asked = request();
  asked.upgrade = true;
  ASSERT_TRUE(asked.headers.append("upgrade", "websocket"));
  answer = send(std::move(asked));
  EXPECT_NE(wire(1).to_origin.find("upgrade: websocket\r\nConnection: Upgrade\r\n"),
            std::string::npos);
  origin_sends("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x00", 1);
  ASSERT_EQ(answer->response().status, 101);
  EXPECT_NE(answer->response().upgraded, nullptr);
  EXPECT_EQ(answer->response().upgraded_input, "\x81");
}

}  // namespace
}  // namespace atoll::http::testing
