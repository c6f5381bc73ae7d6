// A server on a loopback port with its event loop on a thread, and a blocking client to talk to it.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <future>
#include <string>
#include <thread>

#include "base/check.h"
#include "http/codec/chunked.h"
#include "http/codec/text_scan.h"
#include "http/server/server.h"

namespace atoll::http {

using namespace std::chrono_literals;
using ExchangePtr = std::shared_ptr<Exchange>;

struct Response {
  int status = 0;
  std::string head;  // status line and header lines
  std::string body;

  std::string header(std::string_view name) const {
    auto lines = HeaderBlock::parse(head.substr(head.find("\r\n") + 2));
    return lines ? std::string(lines->find(name).value_or("(none)")) : "(malformed)";
  }
};

// Every wait fails the test after five seconds.
class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) {
      ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(::connect(fd(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }

  int fd() const { return socket_.get(); }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t sent = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // the server may well have closed
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void get(std::string_view path, std::string_view more_headers = "") {
    send("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(more_headers) +
         "\r\n");
  }
  void half_close() { ::shutdown(fd(), SHUT_WR); }
  void close() { socket_.reset(); }

  // Adds what one system call gives. False at the end, on a reset or after the wait.
  bool receive() {
    pollfd waiting{fd(), POLLIN, 0};
    if (::poll(&waiting, 1, 5000) != 1) {
      ADD_FAILURE() << "the server sends nothing; so far: " << input;
      return false;
    }
    char buffer[65536];
    ssize_t size = ::recv(fd(), buffer, sizeof buffer, 0);
    was_reset = size < 0;
    if (size <= 0) return false;
    input.append(buffer, static_cast<std::size_t>(size));
    return true;
  }
  bool is_silent_for(std::chrono::milliseconds time) {
    pollfd waiting{fd(), POLLIN, 0};
    return ::poll(&waiting, 1, static_cast<int>(time.count())) == 0;
  }
  bool is_closed() {
    while (receive()) {
    }
    return input.empty();
  }
  std::string rest() {
    while (receive()) {
    }
    return std::exchange(input, "");
  }

  enum class Body { Expected, None };
  Response response(Body body = Body::Expected) {
    Response response;
    while (input.find("\r\n\r\n") == std::string::npos) {
      if (!receive()) return response;
    }
    response.head = take(input.find("\r\n\r\n") + 4);
    response.head.resize(response.head.size() - 2);
    response.status = std::stoi(response.head.substr(9, 3));
    if (body == Body::None || response.status < 200) return response;
    if (response.header("transfer-encoding") == "chunked") {
      response.body = chunked_body();
    } else if (auto length = parse_length(response.header("content-length"))) {
      while (input.size() < *length && receive()) {
      }
      response.body = take(static_cast<std::size_t>(*length));
    } else if (response.status != 204 && response.status != 304) {
      response.body = rest();
    }
    return response;
  }

  std::string input;  // received, not taken yet
  bool was_reset = false;

 private:
  std::string take(std::size_t size) {
    std::string taken = input.substr(0, size);
    input.erase(0, size);
    return taken;
  }
  std::string chunked_body() {
    ChunkedDecoder decoder;
    std::string body;
    for (;;) {
      BodyStep step = decoder.next(input);
      body.append(step.data);
      take(step.consumed);
      if (step.progress == BodyProgress::End) return body;
      if (step.progress == BodyProgress::Malformed) return "(malformed chunks)";
      if (step.progress == BodyProgress::NeedMore && !receive()) return body + "(cut)";
    }
  }

  UniqueFd socket_;
};

// Gives its chunks at once, or each in a later turn of the event loop; then ends or fails.
class ListSource final : public ByteSource {
 public:
  ListSource(std::deque<std::string> chunks) : chunks_(std::move(chunks)) {}
  void read(ReadDone done) override {
    if (later != nullptr) {
      return asio::post(
          *later, [this, alive = std::weak_ptr<int>(alive_), done = std::move(done)]() mutable {
            if (!alive.expired()) done(next());
          });
    }
    done(next());
  }
  std::optional<std::uint64_t> length() const override { return told_length; }

  asio::io_context* later = nullptr;
  std::optional<std::uint64_t> told_length;
  bool fails = false;

 private:
  Result<std::string> next() {
    if (chunks_.empty()) {
      if (fails) return fail(internal_error("the source broke"));
      return std::string();
    }
    std::string chunk = std::move(chunks_.front());
    chunks_.pop_front();
    return chunk;
  }

  std::deque<std::string> chunks_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

// Reads a body to its end, then calls `done` with all of it. Owns itself.
inline void read_all(std::unique_ptr<ByteSource> body,
                     std::move_only_function<void(Result<std::string>)> done) {
  struct Reading {
    std::unique_ptr<ByteSource> body;
    std::string all;
    std::move_only_function<void(Result<std::string>)> done;

    static void next(std::shared_ptr<Reading> reading) {
      auto& source = *reading->body;
      source.read([reading](Result<std::string> chunk) {
        if (!chunk) return reading->done(fail(std::move(chunk.error())));
        if (chunk->empty()) return reading->done(std::move(reading->all));
        reading->all += *chunk;
        next(reading);
      });
    }
  };
  Reading::next(std::make_shared<Reading>(std::move(body), "", std::move(done)));
}

class ServerTest : public ::testing::Test, public RequestHandler {
 protected:
  ~ServerTest() override { stop(); }

  void start(ServerLimits limits = {}) {
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    CHECK(::listen(socket.get(), 64) == 0);
    socklen_t size = sizeof address;
    CHECK(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    server_ = std::make_unique<Server>(io_, limits, *this);
    CHECK(server_->listen(std::move(socket)));
    thread_ = std::thread([this] { io_.run(); });
  }
  void stop() {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] {
      kept_.clear();
      server_.reset();
      work_.reset();
    });
    thread_.join();
  }

  // Runs on the event loop's thread.
  template <typename Work>
  auto on_loop(Work work) {
    std::packaged_task<decltype(work())()> task(std::move(work));
    auto result = task.get_future();
    asio::post(io_, std::move(task));
    return result.get();
  }
  bool eventually(std::function<bool()> condition) {
    for (int i = 0; i < 500; ++i) {
      if (on_loop(condition)) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }

  Client connect() { return Client(port_); }
  static void answer(const ExchangePtr& exchange, std::string body, int status = 200) {
    ResponseHead head{.status = status};
    exchange->respond(std::move(head), std::move(body));
  }

  void on_request(ExchangePtr exchange) override { handle_(std::move(exchange)); }

  // By default: the path back, at once.
  std::function<void(ExchangePtr)> handle_ = [](ExchangePtr exchange) {
    answer(exchange, exchange->request().target);
  };
  std::uint16_t port_ = 0;
  asio::io_context io_{1};
  std::unique_ptr<Server> server_;
  std::vector<ExchangePtr> kept_;  // loop's thread only

 private:
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::thread thread_;
};

}  // namespace atoll::http
