// Each limit and each timeout of ServerLimits, with small values.
#include "http/server/server_test_fixture.h"

namespace atoll::http {
namespace {

class ServerLimitsTest : public ServerTest {
 protected:
  ServerLimitsTest() {
    // Far away, except for the one under test.
    limits_.idle_timeout = limits_.header_timeout = limits_.body_read_timeout =
        limits_.write_timeout = limits_.linger_timeout = 60s;
  }

  // How long the server took to close; the rest of the input is thrown away.
  std::chrono::milliseconds time_until_closed(Client& client) {
    auto begin = std::chrono::steady_clock::now();
    client.rest();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 begin);
  }

  ServerLimits limits_;
};

TEST_F(ServerLimitsTest, RefusesHeadsOverTheirLimits) {
  limits_.head = {.header_bytes = 200, .header_count = 4, .url_bytes = 50};
  start(limits_);
  auto status_of = [&](std::string_view path, std::string_view headers) {
    Client client = connect();
    client.get(path, headers);
    return client.response().status;
  };
  EXPECT_EQ(status_of("/", "A: 1\r\nB: 2\r\n"), 200);
  EXPECT_EQ(status_of("/" + std::string(60, 'x'), ""), 414);
  EXPECT_EQ(status_of("/", "A: " + std::string(300, 'x') + "\r\n"), 431);
  EXPECT_EQ(status_of("/", "A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n"), 431);
}

TEST_F(ServerLimitsTest, RefusesABodyThatIsToldToBeTooLarge) {
  limits_.request_body_bytes = 10;
  start(limits_);
  Client client = connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n");
  EXPECT_EQ(client.response().status, 413);
  EXPECT_EQ(on_loop([&] { return server_->status().requests; }), 1u);
}

TEST_F(ServerLimitsTest, DeliversTheRefusalThoughTheClientIsStillSending) {
  limits_.request_body_bytes = 10;
  start(limits_);
  Client client = connect();
  std::string body(8u << 20, 'x');
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8388608\r\n\r\n" + body);
  EXPECT_EQ(client.response().status, 413);
  client.half_close();
  EXPECT_TRUE(client.is_closed());
  EXPECT_FALSE(client.was_reset);
}

TEST_F(ServerLimitsTest, KnowsSinceWhenClientsHaveWaited) {
  // More than one batch of them, all ready while the loop is held up by the first.
  std::vector<std::chrono::steady_clock::time_point> since;
  std::promise<void> all_sent;
  std::shared_future<void> go_on = all_sent.get_future().share();
  handle_ = [&](ExchangePtr exchange) {
    if (exchange->request().target == "/wait") {
      if (since.empty()) go_on.wait();
      since.push_back(*server_->waiting_since());
    }
    answer(exchange, "");
  };
  start({});
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 400; ++i) {
    clients.push_back(std::make_unique<Client>(port_));
    clients.back()->get("/");
    EXPECT_EQ(clients.back()->response().status, 200);
  }
  for (auto& client : clients) client->get("/wait");
  all_sent.set_value();
  for (auto& client : clients) EXPECT_EQ(client->response().status, 200);
  auto seen = on_loop([&] { return since; });
  ASSERT_EQ(seen.size(), 400u);
  // Some came with the first; all others waited together, though they are served in two batches.
  std::size_t laps = 1;
  for (std::size_t i = 1; i < seen.size(); ++i) laps += seen[i] == seen[i - 1] ? 0 : 1;
  EXPECT_LE(laps, 2u);
}

TEST_F(ServerLimitsTest, RefusesUnfinishedHeadsWhenTheyTakeTooMuchMemory) {
  limits_.buffered_bytes = 4'000;
  start(limits_);
  std::string half = "GET / HTTP/1.1\r\nHost: a\r\nA: " + std::string(1'500, 'x');
  Client first = connect();
  Client second = connect();
  Client third = connect();
  first.send(half);
  second.send(half);
  ASSERT_TRUE(second.is_silent_for(50ms));
  third.send(half);
  EXPECT_EQ(third.response().status, 503);
  first.send("\r\n\r\n");
  EXPECT_EQ(first.response().status, 200);
}

TEST_F(ServerLimitsTest, RefusesAnswersThatNobodyTakesWhenTheyTakeTooMuchMemory) {
  limits_.buffered_bytes = 48u << 20;
  handle_ = [&](ExchangePtr exchange) { answer(exchange, std::string(32u << 20, 'x')); };
  start(limits_);
  Client slow = connect();
  slow.get("/");
  while (on_loop([&] { return server_->status().requests; }) < 1) std::this_thread::sleep_for(1ms);
  Client next = connect();
  next.get("/");
  EXPECT_EQ(next.response().status, 503);
  EXPECT_EQ(slow.response().body.size(), 32u << 20);
  Client last = connect();
  last.get("/");
  EXPECT_EQ(last.response().status, 200);
}

TEST_F(ServerLimitsTest, RefusesAChunkedBodyOnceItIsTooLarge) {
  limits_.request_body_bytes = 10;
  std::string error;
  handle_ = [&](ExchangePtr exchange) {
    read_all(exchange->take_body(), [&, exchange](Result<std::string> all) {
      error = all ? "" : all.error().message();
      answer(exchange, "never sent");
    });
  };
  start(limits_);
  Client client = connect();
  client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "8\r\n12345678\r\n");
  EXPECT_TRUE(client.is_silent_for(20ms));
  client.send("3\r\nabc\r\n");
  EXPECT_EQ(client.response().status, 413);
  EXPECT_NE(on_loop([&] { return error; }).find("too large"), std::string::npos);
}

TEST_F(ServerLimitsTest, ClosesAnIdleConnectionSilently) {
  limits_.idle_timeout = 100ms;
  start(limits_);
  Client fresh = connect();
  EXPECT_GE(time_until_closed(fresh), 90ms);
  Client used = connect();
  used.get("/");
  used.response();
  EXPECT_GE(time_until_closed(used), 90ms);
  EXPECT_EQ(used.input, "");
}

TEST_F(ServerLimitsTest, Answers408WhenARequestHeadTakesTooLong) {
  limits_.header_timeout = 100ms;
  start(limits_);
  Client client = connect();
  client.get("/");
  client.response();
  std::this_thread::sleep_for(150ms);  // idle, which is not limited here
  client.send("GET / HT");
  std::jthread trickle([&] {  // does not prolong it
    for (char c : std::string_view("TP/1.1\r\nHost")) {
      std::this_thread::sleep_for(15ms);
      client.send({&c, 1});
    }
  });
  Response response = client.response();
  EXPECT_EQ(response.status, 408);
  EXPECT_EQ(response.header("connection"), "close");
}

TEST_F(ServerLimitsTest, Answers408WhenARequestBodyStopsArriving) {
  limits_.body_read_timeout = 100ms;
  std::string error;
  handle_ = [&](ExchangePtr exchange) {
    read_all(exchange->take_body(),
             [&, exchange](Result<std::string> all) { error = all ? "" : all.error().message(); });
  };
  start(limits_);
  Client client = connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe");
  EXPECT_EQ(client.response().status, 408);
  EXPECT_NE(on_loop([&] { return error; }).find("stopped arriving"), std::string::npos);
}

TEST_F(ServerLimitsTest, DoesNotTimeABodyThatNobodyReads) {
  limits_.body_read_timeout = 50ms;
  handle_ = [&](ExchangePtr exchange) { kept_.push_back(std::move(exchange)); };
  start(limits_);
  Client client = connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return kept_.size() == 1; }));
  EXPECT_TRUE(client.is_silent_for(200ms));
  on_loop([&] { answer(kept_[0], "thought it over"); });
  EXPECT_EQ(client.response().body, "thought it over");
  EXPECT_TRUE(client.is_closed());  // the body's rest never came
}

TEST_F(ServerLimitsTest, ClosesWhenTheClientDoesNotRead) {
  limits_.write_timeout = 100ms;
  std::atomic<bool> gone = false;
  handle_ = [&](ExchangePtr exchange) {
    exchange->on_disconnect([&] { gone = true; });
    exchange->respond(ResponseHead(), std::make_unique<ListSource>(
                                          std::deque<std::string>(200, std::string(100'000, 'x'))));
  };
  start(limits_);
  Client client(port_, 4096);
  client.get("/");
  EXPECT_TRUE(eventually([&] { return gone && server_->status().connections_open == 0; }));
}

TEST_F(ServerLimitsTest, DoesNotTakeASlowReaderForAnIdleConnection) {
  limits_.idle_timeout = 50ms;
  handle_ = [](ExchangePtr exchange) { answer(exchange, std::string(20u << 20, 'x')); };
  start(limits_);
  Client client(port_, 4096);
  client.get("/");
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(client.response().body.size(), 20u << 20);
}

TEST_F(ServerLimitsTest, StopsLingeringOverAClientThatNeverCloses) {
  limits_.linger_timeout = 100ms;
  start(limits_);
  Client client = connect();
  client.send("nonsense\r\n\r\n");
  EXPECT_EQ(client.response().status, 400);
  EXPECT_TRUE(eventually([&] { return server_->status().connections_open == 0; }));
}

TEST_F(ServerLimitsTest, LeavesFurtherConnectionsToWaitAtTheLimit) {
  limits_.connections = 2;
  start(limits_);
  Client first = connect();
  Client second = connect();
  first.get("/1");
  EXPECT_EQ(first.response().body, "/1");
  second.get("/2");
  EXPECT_EQ(second.response().body, "/2");
  Client third = connect();
  third.get("/3");
  EXPECT_TRUE(third.is_silent_for(100ms));
  first.close();
  EXPECT_EQ(third.response().body, "/3");
}

}  // namespace
}  // namespace atoll::http
