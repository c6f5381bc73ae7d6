// Bodies in both directions.
#include "http/server/server_test_fixture.h"

namespace atoll::http {
namespace {

std::string post(std::string_view headers, std::string_view body = "") {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

class ServerBodyTest : public ServerTest {
 protected:
  void answer_with_what_was_read() {
    handle_ = [](ExchangePtr exchange) {
      auto body = exchange->take_body();
      if (!body) return answer(exchange, "(no body)");
      read_all(std::move(body), [exchange](Result<std::string> all) {
        answer(exchange, all ? *all : all.error().message());
      });
    };
  }
  void answer_with_source(std::function<std::unique_ptr<ListSource>()> make) {
    handle_ = [make](ExchangePtr exchange) { exchange->respond(ResponseHead(), make()); };
  }
};

TEST_F(ServerBodyTest, ReadsBodiesOfBothFramings) {
  answer_with_what_was_read();
  start();
  Client client = connect();
  client.send(post("Content-Length: 5\r\n", "hello"));
  EXPECT_EQ(client.response().body, "hello");
  client.send(post("Transfer-Encoding: chunked\r\n", "2\r\nhe\r\n3\r\nllo\r\n0\r\nT: 1\r\n\r\n"));
  EXPECT_EQ(client.response().body, "hello");
  client.send(post("Content-Length: 0\r\n"));
  EXPECT_EQ(client.response().body, "(no body)");
  client.get("/");
  EXPECT_EQ(client.response().body, "(no body)");
}

TEST_F(ServerBodyTest, ReadsBodiesThatArriveInPieces) {
  answer_with_what_was_read();
  start();
  Client client = connect();
  std::string next = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::string_view text : {"Content-Length: 5\r\n\r\nhello",
                                "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"}) {
    for (char c : "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(text) + next) {
      client.send({&c, 1});
      std::this_thread::sleep_for(200us);
    }
    EXPECT_EQ(client.response().body, "hello");
    EXPECT_EQ(client.response().body, "(no body)");
  }
}

TEST_F(ServerBodyTest, TellsTheLengthOfABodyWhereItIsKnown) {
  handle_ = [](ExchangePtr exchange) {
    auto length = exchange->take_body()->length();
    EXPECT_EQ(exchange->take_body(), nullptr);
    answer(exchange, length ? std::to_string(*length) : "unknown");
  };
  start();
  Client client = connect();
  client.send(post("Content-Length: 3\r\n", "abc"));
  EXPECT_EQ(client.response().body, "3");
  client.send(post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"));
  EXPECT_EQ(client.response().body, "unknown");
}

TEST_F(ServerBodyTest, AsksForABodyThatIsExpectedOnlyWhenItIsRead) {
  answer_with_what_was_read();
  start();
  Client client = connect();
  client.send(post("Content-Length: 5\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(client.response().status, 100);
  client.send("hello");
  EXPECT_EQ(client.response().body, "hello");

  handle_ = [](ExchangePtr exchange) { answer(exchange, "unread"); };
  client.send(post("Content-Length: 5\r\nExpect: 100-continue\r\n"));
  Response response = client.response();
  EXPECT_EQ(response.body, "unread");
  EXPECT_EQ(response.header("connection"), "close");
}

TEST_F(ServerBodyTest, SendsNoContinueWhenTheBodyIsThereAlready) {
  answer_with_what_was_read();
  start();
  Client client = connect();
  client.send(post("Content-Length: 5\r\nExpect: 100-continue\r\n", "hello"));
  EXPECT_EQ(client.response().status, 200);
}

TEST_F(ServerBodyTest, KeepsTheConnectionWhenTheRestOfAnUnreadBodyIsSmall) {
  handle_ = [](ExchangePtr exchange) { answer(exchange, "unread"); };
  start();
  Client client = connect();
  for (int i = 0; i < 2; ++i) {
    client.send(post("Content-Length: 30000\r\n"));
    EXPECT_EQ(client.response().body, "unread");
    client.send(std::string(30'000, 'x'));
    client.send(post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"));
    EXPECT_EQ(client.response().body, "unread");
  }
  client.send(post("Content-Length: 1000000\r\n"));
  EXPECT_EQ(client.response().header("connection"), "close");
}

TEST_F(ServerBodyTest, ClosesWhenTooMuchOfAChunkedBodyIsLeftUnread) {
  handle_ = [](ExchangePtr exchange) { answer(exchange, "unread"); };
  start();
  Client client = connect();
  client.send(post("Transfer-Encoding: chunked\r\n", "FFFFF\r\n" + std::string(0xfffff, 'x')));
  EXPECT_EQ(client.response().body, "unread");
  client.half_close();
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerBodyTest, AnswersAMalformedChunkedBodyItself) {
  bool failed = false;
  handle_ = [&](ExchangePtr exchange) {
    read_all(exchange->take_body(), [&failed, exchange](Result<std::string> all) {
      failed = !all;
      answer(exchange, "never sent");
    });
  };
  start();
  Client client = connect();
  client.send(post("Transfer-Encoding: chunked\r\n", "3\r\nabcd\r\n"));
  EXPECT_EQ(client.response().status, 400);
  EXPECT_TRUE(on_loop([&] { return failed; }));
}

TEST_F(ServerBodyTest, FailsTheBodyWhenTheClientLeavesInTheMiddleOfIt) {
  std::string error;
  std::atomic<int> gone = 0;
  handle_ = [&](ExchangePtr exchange) {
    exchange->on_disconnect([&] { ++gone; });
    read_all(exchange->take_body(),
             [&, exchange](Result<std::string> all) { error = all ? "" : all.error().message(); });
  };
  start();
  Client client = connect();
  client.send(post("Content-Length: 5\r\n", "he"));
  std::this_thread::sleep_for(20ms);
  client.close();
  ASSERT_TRUE(eventually([&] { return !error.empty(); }));
  EXPECT_NE(error.find("closed the connection"), std::string::npos) << error;
  EXPECT_EQ(gone, 1);
}

TEST_F(ServerBodyTest, StreamsChunkedWhenTheLengthIsUnknown) {
  for (bool later : {false, true}) {
    answer_with_source([this, later] {
      auto source = std::make_unique<ListSource>(
          std::deque<std::string>{"one", std::string(100'000, 'x'), "two"});
      if (later) source->later = &io_;
      return source;
    });
    if (port_ == 0) start();
    Client client = connect();
    for (int i = 0; i < 2; ++i) {
      client.get("/");
      Response response = client.response();
      EXPECT_EQ(response.header("transfer-encoding"), "chunked");
      EXPECT_EQ(response.body, "one" + std::string(100'000, 'x') + "two");
    }
  }
}

TEST_F(ServerBodyTest, StreamsWithALengthWhenItIsKnown) {
  answer_with_source([] {
    auto source = std::make_unique<ListSource>(std::deque<std::string>{"one", "two"});
    source->told_length = 6;
    return source;
  });
  start();
  Client client = connect();
  for (int i = 0; i < 2; ++i) {
    client.get("/");
    Response response = client.response();
    EXPECT_EQ(response.header("content-length"), "6");
    EXPECT_EQ(response.body, "onetwo");
  }
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.response(Client::Body::None).header("content-length"), "6");
  client.get("/");
  EXPECT_EQ(client.response().body, "onetwo");
}

TEST_F(ServerBodyTest, EndsAStreamToHttp10ByClosing) {
  answer_with_source(
      [] { return std::make_unique<ListSource>(std::deque<std::string>{"one", "two"}); });
  start();
  Client client = connect();
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  Response response = client.response();
  EXPECT_EQ(response.header("transfer-encoding"), "(none)");
  EXPECT_EQ(response.header("connection"), "close");
  EXPECT_EQ(response.body, "onetwo");
  EXPECT_FALSE(client.was_reset);
}

TEST_F(ServerBodyTest, CutsTheConnectionWhenAStreamedBodyFailsOrBreaksItsWord) {
  std::optional<std::uint64_t> told;
  bool fails = false;
  answer_with_source([&] {
    auto source = std::make_unique<ListSource>(std::deque<std::string>{"12345"});
    source->later = &io_;
    source->told_length = told;
    source->fails = fails;
    return source;
  });
  start();
  auto answer_to = [&](std::string_view request) {
    Client client = connect();
    client.send(request);
    Response response = client.response();
    EXPECT_EQ(response.status, 200);
    return std::pair(response.body, client.was_reset);
  };
  std::string request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  told = 8;
  EXPECT_EQ(answer_to(request).first, "12345");
  told = 4;
  EXPECT_EQ(answer_to(request).first, "");
  told = std::nullopt;
  fails = true;
  EXPECT_EQ(answer_to(request).first, "12345(cut)");
  EXPECT_TRUE(answer_to("GET / HTTP/1.0\r\n\r\n").second);
}

TEST_F(ServerBodyTest, PullsAStreamOnlyAsFastAsTheClientReads) {
  struct Endless final : ByteSource {
    explicit Endless(std::atomic<std::size_t>& given) : given(given) {}
    void read(ReadDone done) override {
      given += 50'000;
      done(std::string(50'000, 'x'));
    }
    std::atomic<std::size_t>& given;
  };
  std::atomic<std::size_t> given = 0;
  std::atomic<bool> gone = false;
  handle_ = [&](ExchangePtr exchange) {
    exchange->on_disconnect([&] { gone = true; });
    exchange->respond(ResponseHead(), std::make_unique<Endless>(given));
  };
  start();
  Client client(port_, 4096);
  client.get("/");
  std::size_t before = 0;
  ASSERT_TRUE(
      eventually([&] { return given > 0 && std::exchange(before, given.load()) == given; }));
  EXPECT_LT(given, 16u << 20);  // what the kernel buffers
  EXPECT_LT(on_loop([&] { return server_->status().bytes_buffered; }), 100'000u);
  std::size_t held = given;
  while (client.input.size() < 20u << 20) ASSERT_TRUE(client.receive());
  EXPECT_GT(given, held);
  client.close();
  EXPECT_TRUE(eventually([&] { return gone && server_->status().connections_open == 0; }));
}

TEST_F(ServerBodyTest, ReadsTheSocketOnlyAsFastAsTheBodyIsPulled) {
  handle_ = [&](ExchangePtr exchange) { kept_.push_back(std::move(exchange)); };
  start();
  Client client = connect();
  constexpr std::size_t kSize = 64u << 20;
  std::atomic<std::size_t> sent = 0;
  std::thread sender([&] {
    client.send(post("Content-Length: " + std::to_string(kSize) + "\r\n"));
    std::string piece(1u << 20, 'x');
    for (; sent < kSize; sent += piece.size()) client.send(piece);
  });
  std::size_t before = 0;
  ASSERT_TRUE(eventually([&] { return sent > 0 && std::exchange(before, sent.load()) == sent; }));
  EXPECT_LT(sent, kSize);
  EXPECT_LT(on_loop([&] { return server_->status().bytes_buffered; }), 200'000u);
  on_loop([&] {
    read_all(kept_[0]->take_body(), [exchange = kept_[0]](Result<std::string> all) {
      answer(exchange, all ? std::to_string(all->size()) : all.error().message());
    });
    kept_.clear();
  });
  EXPECT_EQ(client.response().body, std::to_string(kSize));
  sender.join();
}

TEST_F(ServerBodyTest, EchoesALargeBodyInLittleMemory) {
  constexpr std::size_t kSize = 64u << 20;
  std::atomic<std::size_t> most = 0;
  struct Watched final : ByteSource {
    void read(ReadDone done) override {
      most = std::max(most.load(), server.status().bytes_buffered);
      body->read(std::move(done));
    }
    Watched(std::unique_ptr<ByteSource> body, Server& server, std::atomic<std::size_t>& most)
        : body(std::move(body)), server(server), most(most) {}
    std::unique_ptr<ByteSource> body;
    Server& server;
    std::atomic<std::size_t>& most;
  };
  handle_ = [&](ExchangePtr exchange) {
    exchange->respond(ResponseHead(),
                      std::make_unique<Watched>(exchange->take_body(), *server_, most));
  };
  start();
  for (bool chunked : {false, true}) {
    Client client = connect();
    std::thread sender([&] {
      std::string piece;
      for (std::size_t i = 0; i < 1u << 20; ++i) piece.push_back(static_cast<char>(i * 7));
      std::string framed = piece;
      if (chunked) {
        framed.clear();
        append_chunk_size(framed, piece.size());
        framed.append(piece).append(kChunkEnd);
      }
      client.send(post(chunked ? "Transfer-Encoding: chunked\r\n"
                               : "Content-Length: " + std::to_string(kSize) + "\r\n"));
      for (std::size_t sent = 0; sent < kSize; sent += piece.size()) client.send(framed);
      if (chunked) client.send(kLastChunk);
    });
    Response response = client.response();
    sender.join();
    ASSERT_EQ(response.body.size(), kSize);
    for (std::size_t i = 0; i < kSize; i += 4093) {
      ASSERT_EQ(response.body[i], static_cast<char>((i % (1u << 20)) * 7)) << i;
    }
  }
  EXPECT_LT(most, 300'000u);
}

TEST_F(ServerBodyTest, DropsAStreamWhenTheExchangeIsAborted) {
  struct Silent final : ByteSource {
    explicit Silent(std::atomic<bool>& destroyed) : destroyed(destroyed) {}
    ~Silent() override { destroyed = true; }
    void read(ReadDone done) override { pending = std::move(done); }
    std::atomic<bool>& destroyed;
    ReadDone pending;
  };
  std::atomic<bool> destroyed = false;
  handle_ = [&](ExchangePtr exchange) {
    exchange->on_disconnect([exchange] { exchange->abort(); });
    exchange->respond(ResponseHead(), std::make_unique<Silent>(destroyed));
  };
  start();
  Client client = connect();
  client.get("/");
  EXPECT_EQ(client.response(Client::Body::None).status, 200);
  EXPECT_FALSE(destroyed);
  client.close();
  EXPECT_TRUE(eventually([&] { return destroyed.load(); }));
}

}  // namespace
}  // namespace atoll::http
