// Connections that a process has no time for, and another one takes.
#include <sys/socket.h>

#include "http/server/server_test_fixture.h"

namespace atoll::http {
namespace {

class HandoverTest : public ServerTest {
 protected:
  HandoverTest() {
    int ends[2];
    CHECK(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    in_ = UniqueFd(ends[0]);
    out_ = UniqueFd(ends[1]);
    handle_ = [this](ExchangePtr exchange) {
      std::string target = exchange->request().target;
      if (target == "/block") {
        blocked_.set_value();
        go_on_.get_future().wait();
      }
      answer(exchange, "first " + target);
    };
  }

  ~HandoverTest() override {
    if (other_thread_.joinable()) {
      asio::post(other_io_, [this] {
        other_.reset();
        other_work_.reset();
      });
      other_thread_.join();
    }
    stop();
  }

  UniqueFd copy(const UniqueFd& fd) { return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)); }

  void start_both() {
    start(ServerLimits());
    CHECK(on_loop([this] { return server_->share({copy(in_), copy(out_)}).has_value(); }));
    other_ = std::make_unique<Server>(other_io_, ServerLimits(), other_handler_);
    CHECK(other_->share({copy(in_), copy(out_)}));
    other_thread_ = std::thread([this] { other_io_.run(); });
  }

  struct Other final : RequestHandler {
    void on_request(ExchangePtr exchange) override {
      std::string text = "other " + exchange->request().target + " for " + exchange->client().ip;
      answer(exchange, std::move(text));
    }
  };

  UniqueFd in_;
  UniqueFd out_;
  std::promise<void> blocked_;
  std::promise<void> go_on_;
  asio::io_context other_io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> other_work_{other_io_.get_executor()};
  Other other_handler_;
  std::unique_ptr<Server> other_;
  std::thread other_thread_;
};

TEST_F(HandoverTest, GoesToWhoeverIsFreeWithWhatTheClientSaid) {
  start_both();
  Client blocking = connect();
  Client waiting = connect();
  Client partial = connect();
  Client silent = connect();
  for (Client* client : {&waiting, &partial, &silent}) {
    client->get("/1");
    EXPECT_EQ(client->response().body, "first /1");
  }
  partial.send("GET /2 HTTP/1.1\r\n");
  ASSERT_TRUE(partial.is_silent_for(50ms));

  blocking.get("/block");
  blocked_.get_future().wait();
  waiting.get("/2");
  partial.send("Host: a\r\n\r\n");
  std::this_thread::sleep_for(20ms);
  server_->help_out();

  EXPECT_EQ(waiting.response().body, "other /2 for 127.0.0.1");
  waiting.get("/3");
  EXPECT_EQ(waiting.response().body, "other /3 for 127.0.0.1");

  go_on_.set_value();
  EXPECT_EQ(blocking.response().body, "first /block");
  EXPECT_EQ(partial.response().body, "first /2");  // had been begun here
  silent.get("/2");
  EXPECT_EQ(silent.response().body, "first /2");
  EXPECT_TRUE(eventually([&] { return server_->status().connections_open == 3; }));
}

TEST_F(HandoverTest, OfWhatIsNoSocketHarmsNobody) {
  start_both();
  int pipes[2];
  ASSERT_EQ(::pipe(pipes), 0);
  UniqueFd reading(pipes[0]);
  UniqueFd writing(pipes[1]);
  ASSERT_EQ(::write(writing.get(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27), 27);
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(hand_over(in_.get(), reading.get()));
  UniqueFd file(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(hand_over(in_.get(), file.get()));
  ASSERT_EQ(::send(in_.get(), "no descriptor", 13, 0), 13);

  Client client = connect();
  client.get("/after");
  EXPECT_EQ(client.response().body, "first /after");
}

TEST_F(HandoverTest, KeepsTheConnectionWhenTheQueueIsFull) {
  start(ServerLimits());
  CHECK(on_loop(
      [this] { return server_->share({copy(in_), UniqueFd(::dup(out_.get()))}).has_value(); }));
  Client blocking = connect();
  Client waiting = connect();
  waiting.get("/1");
  EXPECT_EQ(waiting.response().body, "first /1");
  blocking.get("/block");
  blocked_.get_future().wait();
  while (hand_over(in_.get(), in_.get())) {
  }
  waiting.get("/2");
  std::this_thread::sleep_for(20ms);
  server_->help_out();
  go_on_.set_value();
  EXPECT_EQ(blocking.response().body, "first /block");
  EXPECT_EQ(waiting.response().body, "first /2");
}

}  // namespace
}  // namespace atoll::http
