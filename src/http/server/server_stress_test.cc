// Clients and handlers that do anything in any order: nothing may crash, hang or stay behind.
#include <fcntl.h>

#include <array>
#include <cstdlib>
#include <random>

#include "http/server/server_test_fixture.h"

namespace atoll::http {
namespace {

using Random = std::minstd_rand;

bool chance(Random& random, unsigned percent) { return random() % 100 < percent; }

// Answers now or later, whole or streamed, or misbehaves.
class Capricious {
 public:
  Capricious(asio::io_context& io, unsigned seed) : io_(io), random_(seed) {}

  void take(ExchangePtr exchange) {
    if (chance(random_, 30)) {
      exchange->on_disconnect([weak = std::weak_ptr(exchange)] {
        if (auto exchange = weak.lock()) exchange->abort();
      });
    }
    if (chance(random_, 50)) return act(std::move(exchange));
    later([this, exchange = std::move(exchange)]() mutable { act(std::move(exchange)); });
  }

 private:
  void later(std::move_only_function<void()> work) {
    unsigned turns = random_() % 4;
    if (turns == 0) return asio::post(io_, std::move(work));
    asio::post(io_, [this, work = std::move(work)]() mutable { later(std::move(work)); });
  }

  void act(ExchangePtr exchange) {
    switch (random_() % 10) {
      case 0:
        return exchange->abort();
      case 1:
        return;  // lets go
      case 2: {
        auto body = exchange->take_body();  // and drops it
        return answer(exchange);
      }
      case 3:
      case 4:
        if (auto body = exchange->take_body()) {
          return exchange->respond(ResponseHead(), std::move(body));  // an echo
        }
        return answer(exchange);
      case 5:
      case 6:
        if (auto body = exchange->take_body()) {
          return read_all(std::move(body),
                          [this, exchange](Result<std::string>) { answer(exchange); });
        }
        return answer(exchange);
      default:
        return answer(exchange);
    }
  }

  void answer(const ExchangePtr& exchange) {
    if (chance(random_, 50)) {
      return exchange->respond(ResponseHead(), std::string(random_() % 30'000, 'x'));
    }
    std::deque<std::string> chunks;
    for (unsigned i = random_() % 8; i > 0; --i) {
      chunks.push_back(std::string(1 + random_() % 40'000, 'y'));
    }
    auto source = std::make_unique<ListSource>(std::move(chunks));
    if (chance(random_, 50)) source->later = &io_;
    if (chance(random_, 20)) source->fails = true;
    if (chance(random_, 20)) source->told_length = 10'000;
    exchange->respond(ResponseHead(), std::move(source));
  }

  asio::io_context& io_;
  Random random_;
};

std::string some_requests(Random& random) {
  std::string text;
  for (unsigned i = 1 + random() % 6; i > 0; --i) {
    std::string minor = chance(random, 85) ? "1" : "0";
    std::string start = chance(random, 80) ? "POST / HTTP/1." : "HEAD / HTTP/1.";
    text += start + minor + "\r\nHost: a\r\n";
    if (chance(random, 15)) text += "Connection: close\r\n";
    if (chance(random, 10)) text += "Expect: 100-continue\r\n";
    std::string body(random() % (chance(random, 10) ? 300'000 : 3'000), 'b');
    if (chance(random, 30)) {
      text += "\r\n";
    } else if (chance(random, 50) || minor == "0") {
      text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    } else {
      text += "Transfer-Encoding: chunked\r\n\r\n";
      if (!body.empty()) {
        append_chunk_size(text, body.size());
        text.append(body).append(kChunkEnd);
      }
      text.append(kLastChunk);
    }
  }
  if (chance(random, 20)) text[random() % text.size()] = static_cast<char>(random());
  if (chance(random, 20)) text.resize(random() % text.size());
  return text;
}

// Sends everything in pieces, now and then reads, and leaves in one of several ways.
void misbehave(std::uint16_t port, Random& random) {
  Client client(port, chance(random, 30) ? 4096 : 0);
  ::fcntl(client.fd(), F_SETFL, O_NONBLOCK);
  std::string text = some_requests(random);
  char buffer[20'000];
  for (std::size_t at = 0, stalls = 0; at < text.size() && stalls < 300;) {
    std::size_t piece = std::min<std::size_t>(1 + random() % 20'000, text.size() - at);
    ssize_t sent = ::send(client.fd(), text.data() + at, piece, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return;
    if (sent > 0) at += static_cast<std::size_t>(sent);
    if (sent < 0) {
      ++stalls;
      std::this_thread::sleep_for(100us);
    }
    if (chance(random, 60) && ::recv(client.fd(), buffer, sizeof buffer, 0) == 0) return;
  }
  if (chance(random, 30)) return;
  if (chance(random, 30)) client.half_close();
  for (int i = 0; i < 100; ++i) {
    ssize_t size = ::recv(client.fd(), buffer, sizeof buffer, 0);
    if (size == 0 || (size < 0 && errno != EAGAIN)) return;
    if (size < 0) std::this_thread::sleep_for(50us);
  }
}

TEST_F(ServerTest, SurvivesClientsAndHandlersThatDoAnything) {
  unsigned seed = std::random_device()();
  if (const char* given = std::getenv("ATOLL_TEST_SEED")) seed = static_cast<unsigned>(atoi(given));
  SCOPED_TRACE("ATOLL_TEST_SEED=" + std::to_string(seed));
  Capricious handler(io_, seed);
  handle_ = [&](ExchangePtr exchange) { handler.take(std::move(exchange)); };
  start({.head = {},
         .request_body_bytes = 200'000,
         .connections = 20,
         .idle_timeout = 400ms,
         .header_timeout = 200ms,
         .body_read_timeout = 200ms,
         .write_timeout = 300ms,
         .linger_timeout = 100ms});
  std::array<std::thread, 4> clients;
  for (unsigned i = 0; i < clients.size(); ++i) {
    clients[i] = std::thread([this, seed, i] {
      Random random(seed + i);
      auto end = std::chrono::steady_clock::now() + 700ms;
      while (std::chrono::steady_clock::now() < end) misbehave(port_, random);
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_TRUE(eventually([&] { return server_->status().connections_open == 0; }));
  EXPECT_GT(on_loop([&] { return server_->status().requests; }), 50u);

  handle_ = [](ExchangePtr exchange) { ServerTest::answer(exchange, "fine"); };
  Client client = connect();
  client.get("/");
  EXPECT_EQ(client.response().body, "fine");
}

class ServerSpinTest : public ServerTest {
 protected:
  // Whether the event loop burns processor time though nothing happens.
  bool is_spinning() {
    auto cpu_time = [this] {
      return on_loop([] {
        timespec time{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
      });
    };
    std::this_thread::sleep_for(30ms);
    auto before = cpu_time();
    std::this_thread::sleep_for(200ms);
    return cpu_time() - before > 40ms;
  }
};

TEST_F(ServerSpinTest, SleepsWhileAHandlerThinksWhateverTheClientDoes) {
  handle_ = [&](ExchangePtr exchange) { kept_.push_back(std::move(exchange)); };
  start();
  std::string post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
  Client sends_a_body = connect();
  sends_a_body.send(post + std::string(1000, 'x'));
  Client leaves_in_a_body = connect();
  leaves_in_a_body.send(post + "xxx");
  leaves_in_a_body.half_close();
  Client half_closes = connect();
  half_closes.get("/");
  half_closes.half_close();
  Client pipelines = connect();
  pipelines.get("/");
  pipelines.send(std::string(100'000, 'G'));
  Client resets = connect();
  resets.get("/");
  linger reset{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(resets.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  ASSERT_TRUE(eventually([&] { return kept_.size() == 5; }));
  resets.close();
  EXPECT_FALSE(is_spinning());
  EXPECT_EQ(on_loop([&] { return server_->status().connections_open; }), 4u);
}

TEST_F(ServerSpinTest, SleepsWhileAClientDoesNotRead) {
  handle_ = [](ExchangePtr exchange) { answer(exchange, std::string(20u << 20, 'x')); };
  start();
  Client slow(port_, 4096);
  slow.get("/");
  slow.get("/");
  Client leaves(port_, 4096);
  leaves.get("/");
  leaves.half_close();
  Client lingers(port_, 4096);
  lingers.send("nonsense\r\n\r\n");
  EXPECT_FALSE(is_spinning());
}

}  // namespace
}  // namespace atoll::http
