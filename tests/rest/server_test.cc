// The API's server on a real socket: framing, limits, time-outs and stopping.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>

#include "management/server.h"
#include "world.h"

namespace atoll::rest_test {
namespace {

using namespace std::chrono_literals;

// A client that sends exactly the bytes it is told to.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval patience{10, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    CHECK(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  // Everything up to and including `mark`, or to the end of the connection.
  std::string read_until(const std::string& mark) {
    while (received_.find(mark) == std::string::npos) {
      char bytes[4096];
      ssize_t size = ::recv(socket_.get(), bytes, sizeof bytes, 0);
      if (size <= 0) return std::exchange(received_, "");
      received_.append(bytes, static_cast<std::size_t>(size));
    }
    std::size_t end = received_.find(mark) + mark.size();
    std::string part = received_.substr(0, end);
    received_.erase(0, end);
    return part;
  }
  std::string read_to_end() { return read_until("\x01never"); }
  void finish_sending() { ::shutdown(socket_.get(), SHUT_WR); }

 private:
  UniqueFd socket_;
  std::string received_;
};

class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    asio::co_spawn(loop_, world_.populate(), asio::detached);
    loop_.run();
    loop_.restart();
    work_.emplace(loop_.get_executor());
    settings_.idle_timeout = 1s;
    settings_.head_timeout = 1s;
    settings_.body_timeout = 1s;
    server_.emplace(loop_, world_.dependencies(), settings_);
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    CHECK(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    CHECK(::listen(socket.get(), 16) == 0);
    CHECK(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    ASSERT_TRUE(server_->listen(std::move(socket)));
    thread_ = std::thread([this] { loop_.run(); });
  }

  void TearDown() override {
    on_loop([this] { server_->stop(); });
    for (int i = 0; i < 300 && on_loop([this] { return server_->connection_count(); }) > 0; ++i) {
      std::this_thread::sleep_for(10ms);
    }
    work_.reset();
    loop_.stop();
    thread_.join();
    server_.reset();
  }

  template <typename Work>
  std::invoke_result_t<Work> on_loop(Work work) {
    std::packaged_task<std::invoke_result_t<Work>()> task(std::move(work));
    auto result = task.get_future();
    asio::post(loop_, std::move(task));
    return result.get();
  }

  static std::string head(std::string line, std::string fields = {}) {
    return line + " HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer test-token\r\n" + fields +
           "\r\n";
  }
  static std::string kv_namespaces() {
    return "/client/v4/accounts/" + std::string(kAccount) + "/storage/kv/namespaces";
  }

  management::Settings settings_;
  asio::io_context loop_{1};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  World world_;
  std::optional<management::Server> server_;
  std::thread thread_;
  std::uint16_t port_ = 0;
};

TEST_F(ServerTest, AnswersSeveralRequestsOnOneConnection) {
  RawClient client(port_);
  client.send(head("GET /client/v4/user") + head("GET /client/v4/nowhere") +
              head("GET /client/v4/accounts"));
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(client.read_until("HTTP/1.1 404 ").ends_with("404 "));
  EXPECT_TRUE(client.read_until("HTTP/1.1 200 ").ends_with("200 "));
}

TEST_F(ServerTest, RefusesWithoutWaitingForTheBody) {
  RawClient client(port_);
  client.send("PUT " + kv_namespaces() +
              "/x/values/y HTTP/1.1\r\nHost: api\r\n"
              "Content-Length: 20000000\r\n\r\nonly the beginning");
  std::string answer = client.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 401 ")) << answer;
  EXPECT_NE(answer.find("\"code\":10000"), std::string::npos);
}

TEST_F(ServerTest, InvitesABodyThatWaitsForIt) {
  RawClient client(port_);
  std::string body = "{\"title\":\"invited\"}";
  client.send(head("POST " + kv_namespaces(), "Expect: 100-continue\r\nContent-Length: " +
                                                  std::to_string(body.size()) + "\r\n"));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send(body);
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
}

TEST_F(ServerTest, ReadsChunkedBodies) {
  RawClient client(port_);
  client.send(head("POST " + kv_namespaces(), "Transfer-Encoding: chunked\r\n") +
              "9\r\n{\"title\":\r\n9\r\n\"chunked\"\r\n1\r\n}\r\n0\r\n\r\n");
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
  EXPECT_NE(client.read_until("}").find("chunked"), std::string::npos);
}

TEST_F(ServerTest, RefusesBodiesBeyondTheRoutesLimit) {
  RawClient declared(port_);
  declared.send(head("POST " + kv_namespaces(), "Content-Length: 2000000\r\n"));
  EXPECT_TRUE(declared.read_until("\r\n\r\n").starts_with("HTTP/1.1 413 "));

  RawClient chunked(port_);
  chunked.send(head("POST " + kv_namespaces(), "Transfer-Encoding: chunked\r\n") + "200000\r\n" +
               std::string(0x200000, 'x') + "\r\n0\r\n\r\n");
  EXPECT_TRUE(chunked.read_until("\r\n\r\n").starts_with("HTTP/1.1 413 "));
}

TEST_F(ServerTest, RefusesWhatIsNotHttp) {
  for (const char* garbage :
       {"nonsense\r\n\r\n", "GET / HTTP/1.1\r\nbad field\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    RawClient client(port_);
    client.send(garbage);
    EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 400 ")) << garbage;
  }
}

TEST_F(ServerTest, RefusesAHeadThatIsTooLarge) {
  RawClient client(port_);
  client.send(head("GET /client/v4/user", "X-Large: " + std::string(200'000, 'x') + "\r\n"));
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 431 "));
}

TEST_F(ServerTest, ClosesConnectionsThatKeepItWaiting) {
  RawClient silent(port_);
  RawClient slow_head(port_);
  slow_head.send("GET /client/v4/user HTTP/1.1\r\n");
  RawClient slow_body(port_);
  slow_body.send(head("POST " + kv_namespaces(), "Content-Length: 100\r\n") + "{");
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_EQ(slow_head.read_to_end(), "");
  slow_body.finish_sending();
  slow_body.read_to_end();
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(on_loop([this] { return server_->connection_count(); }), 0u);
}

TEST_F(ServerTest, StoppingClosesIdleConnectionsAndTheListener) {
  RawClient client(port_);
  client.send(head("GET /client/v4/user"));
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
  client.read_until("}}");
  on_loop([this] { server_->stop(); });
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(on_loop([this] { return server_->connection_count(); }), 0u);
}

TEST_F(ServerTest, LargeUploadsOfOneScriptAtOnceAllSucceedWhole) {
  std::vector<std::future<std::string>> answers;
  for (int i = 0; i < 4; ++i) {
    answers.push_back(std::async(std::launch::async, [this, i] {
      std::string body =
          "export default { fetch() {} } // " + std::string(1'000'000, static_cast<char>('a' + i));
      RawClient client(port_);
      client.send(
          head("PUT /client/v4/accounts/" + std::string(kAccount) + "/workers/scripts/raced",
               "Content-Type: application/javascript+module\r\nContent-Length: " +
                   std::to_string(body.size()) + "\r\n") +
          body);
      return client.read_until("\r\n\r\n");
    }));
  }
  for (auto& answer : answers) EXPECT_TRUE(answer.get().starts_with("HTTP/1.1 200 "));
  RawClient client(port_);
  client.send(
      head("GET /client/v4/accounts/" + std::string(kAccount) + "/workers/scripts/raced/versions"));
  EXPECT_NE(client.read_until("\"total_count\":4").find("\"number\":4"), std::string::npos);
}

}  // namespace
}  // namespace atoll::rest_test
