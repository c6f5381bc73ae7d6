#include "http/server/server.h"

#include <algorithm>

#include "http/server/server_test_fixture.h"

namespace atoll::http {
namespace {

TEST_F(ServerTest, AnswersSeveralRequestsOnOneConnection) {
  start();
  Client client = connect();
  for (int i = 0; i < 3; ++i) {
    client.get("/" + std::to_string(i));
    Response response = client.response();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "/" + std::to_string(i));
    EXPECT_EQ(response.header("content-length"), "2");
    EXPECT_TRUE(response.header("date").ends_with(" GMT"));
    EXPECT_EQ(response.header("connection"), "(none)");
  }
  EXPECT_EQ(on_loop([&] { return server_->status().connections_accepted; }), 1u);
  EXPECT_EQ(on_loop([&] { return server_->status().requests; }), 3u);
}

TEST_F(ServerTest, TellsTheHandlerWhoTheClientIs) {
  handle_ = [](ExchangePtr exchange) {
    answer(exchange, exchange->client().ip + " " + std::to_string(exchange->client().port));
  };
  start();
  Client client = connect();
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(client.fd(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  client.get("/");
  EXPECT_EQ(client.response().body, "127.0.0.1 " + std::to_string(ntohs(address.sin_port)));
}

TEST_F(ServerTest, ReadsARequestThatArrivesByteByByte) {
  start();
  Client client = connect();
  for (char c : std::string_view("GET /slow HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n")) {
    client.send({&c, 1});
    std::this_thread::sleep_for(200us);
  }
  EXPECT_EQ(client.response().body, "/slow");
}

TEST_F(ServerTest, SendsTheAnswersOfPipelinedRequestsTogether) {
  start();
  Client client = connect();
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  client.send(requests);
  ASSERT_TRUE(client.receive());
  EXPECT_TRUE(client.input.ends_with("\r\n\r\n/49")) << client.input;
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.response().body, "/" + std::to_string(i));
}

// Three clients whose next requests lie ready when the event loop looks: one batch.
class ServerBatchTest : public ServerTest {
 protected:
  void SetUp() override {
    start();
    for (int i = 0; i < 3; ++i) clients_.push_back(connect());
    for (Client& client : clients_) client.get("/first");
    for (Client& client : clients_) client.response();
  }
  // `before` runs before those requests are answered, with how many were answered until then.
  void ask_together(std::function<void(int earlier)> before) {
    int served = 0;
    on_loop([&] {
      handle_ = [&served, before](ExchangePtr exchange) {
        before(served++);
        answer(exchange, exchange->request().target);
      };
      for (Client& client : clients_) client.get("/next");
    });
    // Read no answer before `before` has counted them.
    ASSERT_TRUE(eventually([&] { return served == 3; }));
    for (Client& client : clients_) EXPECT_EQ(client.response().body, "/next");
  }
  // How many clients have got something, once it is `wanted` or `time` has passed.
  int answered(int wanted, std::chrono::milliseconds time) {
    for (auto end = std::chrono::steady_clock::now() + time;;) {
      auto count = static_cast<int>(
          std::ranges::count_if(clients_, [](Client& one) { return !one.is_silent_for(0ms); }));
      if (count == wanted || std::chrono::steady_clock::now() > end) return count;
    }
  }

  std::vector<Client> clients_;
};

TEST_F(ServerBatchTest, SendsTheAnswersOfOneBatchTogether) {
  int before_the_last = 3;
  // A busy machine may be too slow for it now and then.
  for (int i = 0; i < 50 && before_the_last != 0; ++i) {
    ask_together([&](int earlier) {
      if (earlier == 2) before_the_last = answered(2, 5ms);
    });
  }
  EXPECT_EQ(before_the_last, 0);
}

TEST_F(ServerBatchTest, SendsAtOnceWhatAnotherRequestHasKeptWaiting) {
  ask_together([&](int earlier) {
    if (earlier == 1) std::this_thread::sleep_for(1ms);
    if (earlier == 2) EXPECT_EQ(answered(2, 1s), 2);
  });
}

TEST_F(ServerBatchTest, SendsTheHeldAnswersWhenTheHandlerIsAboutToTakeLong) {
  ask_together([&](int earlier) {
    server_->send_held();
    EXPECT_EQ(answered(earlier, 1s), earlier);
  });
}

TEST_F(ServerBatchTest, SendsTheHeldAnswersThatAreDueWhenTheHandlerSaysTheTime) {
  ask_together([&](int earlier) {
    server_->send_held_if_due(std::chrono::steady_clock::now() + 1ms);
    EXPECT_EQ(answered(earlier, 1s), earlier);
  });
}

TEST_F(ServerBatchTest, AnswersTheOthersWhenOneOfTheBatchIsCutOff) {
  on_loop([&] {
    handle_ = [count = 0](ExchangePtr exchange) mutable {
      if (++count == 2) return exchange->abort();
      answer(exchange, exchange->request().target);
    };
    for (Client& client : clients_) client.get("/second");
  });
  int heard = 0;
  for (Client& client : clients_) heard += client.response().body == "/second";
  EXPECT_EQ(heard, 2);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrderHoweverLateTheFirstAnswerIs) {
  handle_ = [&](ExchangePtr exchange) {
    if (exchange->request().target == "/now") return answer(exchange, "now");
    kept_.push_back(std::move(exchange));
  };
  start();
  Client client = connect();
  client.get("/later");
  client.get("/now");
  client.get("/later");
  client.get("/now");
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(eventually([&] { return kept_.size() == 1; }));
    EXPECT_TRUE(client.is_silent_for(20ms));
    on_loop([&] {
      ExchangePtr exchange = std::move(kept_.back());
      kept_.clear();  // before the answer, which lets the next request in
      answer(exchange, "later");
    });
    EXPECT_EQ(client.response().body, "later");
    EXPECT_EQ(client.response().body, "now");
  }
}

TEST_F(ServerTest, HoldsBackAClientThatPipelinesWithoutReading) {
  handle_ = [&](ExchangePtr exchange) { answer(exchange, std::string(30'000, 'x')); };
  start();
  Client client(port_, 4096);
  std::string requests;
  for (int i = 0; i < 2000; ++i) requests += "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  std::thread sender([&] { client.send(requests); });
  std::this_thread::sleep_for(100ms);
  EXPECT_LT(on_loop([&] { return server_->status().bytes_buffered; }), 200'000u);
  EXPECT_LT(on_loop([&] { return server_->status().requests; }), 2000u);
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(client.response().body.size(), 30'000u) << i;
  sender.join();
}

TEST_F(ServerTest, SendsNoBodyForHeadAndForStatusesWithoutOne) {
  handle_ = [](ExchangePtr exchange) {
    int status = std::stoi(exchange->request().target.substr(1));
    answer(exchange, status == 204 ? "" : "twelve bytes", status);
  };
  start();
  Client client = connect();
  client.send("HEAD /200 HTTP/1.1\r\nHost: a\r\n\r\n");
  Response head = client.response(Client::Body::None);
  EXPECT_EQ(head.header("content-length"), "12");
  client.get("/204");
  EXPECT_EQ(client.response().header("content-length"), "(none)");
  client.get("/304");
  EXPECT_EQ(client.response(Client::Body::None).status, 304);
  client.get("/200");
  EXPECT_EQ(client.response().body, "twelve bytes");
}

TEST_F(ServerTest, ClosesWhenTheClientAsksForIt) {
  start();
  Client client = connect();
  client.get("/", "Connection: close\r\n");
  EXPECT_EQ(client.response().header("connection"), "close");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerTest, SpeaksHttp10) {
  start();
  Client once = connect();
  once.send("GET /once HTTP/1.0\r\n\r\n");
  Response response = once.response();
  EXPECT_EQ(response.body, "/once");
  EXPECT_EQ(response.header("connection"), "close");
  EXPECT_TRUE(once.is_closed());

  Client kept = connect();
  for (int i = 0; i < 2; ++i) {
    kept.send("GET /kept HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(kept.response().header("connection"), "keep-alive");
  }
}

TEST_F(ServerTest, AnswersAMalformedRequestAndCloses) {
  start();
  Client client = connect();
  client.get("/good");
  client.send(
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.response().status, 200);
  Response response = client.response();
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.header("connection"), "close");
  EXPECT_NE(response.body.find("both Content-Length and Transfer-Encoding"), std::string::npos);
  EXPECT_NE(response.body.find("request id: "), std::string::npos);
  client.half_close();
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(on_loop([&] { return server_->status().requests; }), 1u);
}

TEST_F(ServerTest, AnswersAnExchangeThatTheHandlerLetsGoWith500) {
  handle_ = [](ExchangePtr exchange) {};
  start();
  Client client = connect();
  client.get("/");
  EXPECT_EQ(client.response().status, 500);
}

TEST_F(ServerTest, KeepsTheFirstOfTwoAnswers) {
  handle_ = [](ExchangePtr exchange) {
    EXPECT_TRUE(exchange->is_open());
    answer(exchange, "first");
    EXPECT_FALSE(exchange->is_open());
    answer(exchange, "second");
    exchange->abort();
  };
  start();
  Client client = connect();
  client.get("/");
  EXPECT_EQ(client.response().body, "first");
  client.get("/");
  EXPECT_EQ(client.response().body, "first");
}

TEST_F(ServerTest, CanAbortInsteadOfAnswering) {
  handle_ = [](ExchangePtr exchange) { exchange->abort(); };
  start();
  Client client = connect();
  client.get("/");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerTest, NoticesThatTheClientLeftWhileTheHandlerThinks) {
  std::atomic<int> gone = 0;
  handle_ = [&](ExchangePtr exchange) {
    exchange->on_disconnect([&gone] { ++gone; });
    kept_.push_back(std::move(exchange));
  };
  start();
  Client client = connect();
  client.get("/");
  ASSERT_TRUE(eventually([&] { return kept_.size() == 1; }));
  EXPECT_EQ(gone, 0);
  client.close();
  ASSERT_TRUE(eventually([&] { return gone == 1; }));
  on_loop([&] {
    answer(kept_[0], "too late");
    kept_.clear();
  });
  EXPECT_TRUE(eventually([&] { return server_->status().connections_open == 0; }));
  EXPECT_EQ(gone, 1);
}

TEST_F(ServerTest, StillAnswersAClientThatHalfCloses) {
  handle_ = [&](ExchangePtr exchange) {
    exchange->on_disconnect([this] { answer(kept_[0], "fare well"); });
    kept_.push_back(std::move(exchange));
  };
  start();
  Client client = connect();
  client.get("/");
  client.half_close();
  EXPECT_EQ(client.response().body, "fare well");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerTest, AnswersAllRequestsSentBeforeAHalfClose) {
  start();
  Client client = connect();
  client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  client.half_close();
  EXPECT_EQ(client.response().body, "/1");
  EXPECT_EQ(client.response().body, "/2");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerTest, DrainsByFinishingWhatIsInFlightAndClosingTheRest) {
  handle_ = [&](ExchangePtr exchange) { kept_.push_back(std::move(exchange)); };
  start();
  Client idle = connect();
  Client busy = connect();
  busy.get("/");
  ASSERT_TRUE(eventually([&] { return kept_.size() == 1; }));
  ASSERT_TRUE(eventually([&] { return server_->status().connections_open == 2; }));

  std::atomic<bool> drained = false;
  on_loop([&] { server_->drain([&] { drained = true; }); });
  EXPECT_TRUE(idle.is_closed());
  EXPECT_FALSE(drained);
  on_loop([&] {
    answer(kept_[0], "last");
    kept_.clear();
  });
  Response response = busy.response();
  EXPECT_EQ(response.body, "last");
  EXPECT_EQ(response.header("connection"), "close");
  EXPECT_TRUE(busy.is_closed());
  EXPECT_TRUE(eventually([&] { return drained.load(); }));
}

TEST_F(ServerTest, LetsExchangesOutliveTheServer) {
  bool gone = false;
  handle_ = [&](ExchangePtr exchange) {
    exchange->on_disconnect([&] { gone = true; });
    kept_.push_back(std::move(exchange));
  };
  start();
  Client client = connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return kept_.size() == 1; }));
  on_loop([&] {
    auto body = kept_[0]->take_body();
    server_.reset();
    EXPECT_TRUE(gone);
    EXPECT_FALSE(kept_[0]->is_open());
    answer(kept_[0], "nobody hears this");
    bool failed = false;
    body->read([&](Result<std::string> chunk) { failed = !chunk; });
    EXPECT_TRUE(failed);
    kept_.clear();
  });
  EXPECT_TRUE(client.is_closed());
}

}  // namespace
}  // namespace atoll::http
