// A client whose origins are played by the test: connections in memory, one event loop.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <deque>
#include <vector>

#include "http/client/client.h"

namespace atoll::http::testing {

// What both ends of a connection share.
struct Wire {
  std::string to_origin;  // everything the client has sent
  std::string to_client;  // sent by the origin, not yet read
  bool origin_closed = false;
  bool client_closed = false;
  bool writes_fail = false;
  bool writes_stall = false;  // the kernel's buffer is full
  net::Stream::ReadDone reader;
  net::Stream::Done writer;
  boost::asio::io_context* loop = nullptr;

  void send(std::string_view bytes) {
    to_client.append(bytes);
    wake();
  }
  void close() {
    origin_closed = true;
    wake();
  }
  void resume_writes() {
    writes_stall = false;
    if (writer) boost::asio::post(*loop, [done = std::move(writer)]() mutable { done({}); });
  }
  void wake() {
    if (!reader || (to_client.empty() && !origin_closed)) return;
    auto self = weak.lock();
    boost::asio::post(*loop, [self] {
      if (!self->reader) return;
      std::string bytes = self->to_client.substr(0, net::Stream::kMaxReadBytes);
      self->to_client.erase(0, bytes.size());
      std::exchange(self->reader, nullptr)(std::move(bytes));
    });
  }
  std::weak_ptr<Wire> weak;
};

class FakeStream final : public net::Stream {
 public:
  explicit FakeStream(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}
  ~FakeStream() override {
    wire_->client_closed = true;
    wire_->reader = nullptr;
    wire_->writer = nullptr;
  }
  void read(ReadDone done) override {
    EXPECT_FALSE(wire_->reader);
    wire_->reader = std::move(done);
    wire_->wake();
  }
  void cancel_read() override { wire_->reader = nullptr; }
  void write(std::string bytes, Done done) override {
    EXPECT_FALSE(wire_->writer);
    bool fails = wire_->writes_fail;
    if (!fails) wire_->to_origin.append(bytes);
    wire_->writer = std::move(done);
    if (wire_->writes_stall) return;
    boost::asio::post(*wire_->loop, [wire = wire_, fails] {
      if (!wire->writer) return;
      auto written = std::exchange(wire->writer, nullptr);
      if (!fails) return written({});
      written(fail(Error(ErrorKind::Unavailable, "reset")));
    });
  }
  void shutdown_write(Done) override { ADD_FAILURE(); }
  const std::string& protocol() const override { return protocol_; }

 private:
  std::shared_ptr<Wire> wire_;
  std::string protocol_;
};

class FakeConnector final : public net::Connector {
 public:
  explicit FakeConnector(boost::asio::io_context& loop) : loop_(loop) {}

  void connect(net::Asker, net::Target target, ConnectDone done) override {
    targets.push_back(std::move(target));
    if (hold) return held_.push_back(std::move(done));
    open(std::move(done));
  }
  // Opens what was asked for while `hold` was set.
  void let_go() {
    for (ConnectDone& done : std::exchange(held_, {})) open(std::move(done));
  }
  void open(ConnectDone done) {
    boost::asio::post(loop_, [this, done = std::move(done)]() mutable {
      if (failure) return done(fail(*failure));
      auto wire = std::make_shared<Wire>();
      wire->loop = &loop_;
      wire->weak = wire;
      wire->writes_stall = stall_next;
      wires.push_back(wire);
      done(net::Connection{std::make_unique<FakeStream>(wire), "127.0.0.1:80", "127.0.0.1:1",
                           is_for_method});
    });
  }
  void start_tls(net::Asker, std::unique_ptr<net::Stream>, net::TlsOptions, TlsDone) override {
    ADD_FAILURE();
  }

  std::vector<net::Target> targets;
  std::vector<std::shared_ptr<Wire>> wires;
  std::optional<Error> failure;
  bool stall_next = false;
  bool is_for_method = false;
  bool hold = false;

 private:
  boost::asio::io_context& loop_;
  std::vector<ConnectDone> held_;
};

// A body whose chunks the test gives one by one.
struct Chunks {
  std::deque<Result<std::string>> ready;
  ByteSource::ReadDone waiting;
  bool dropped = false;
  void give(Result<std::string> chunk) {
    if (waiting) return std::exchange(waiting, nullptr)(std::move(chunk));
    ready.push_back(std::move(chunk));
  }
};

class ChunkSource final : public ByteSource {
 public:
  ChunkSource(std::shared_ptr<Chunks> chunks, std::optional<std::uint64_t> length)
      : chunks_(std::move(chunks)), length_(length) {}
  ~ChunkSource() override {
    chunks_->dropped = true;
    chunks_->waiting = nullptr;
  }
  void read(ReadDone done) override {
    if (chunks_->ready.empty()) {
      chunks_->waiting = std::move(done);
      return;
    }
    auto chunk = std::move(chunks_->ready.front());
    chunks_->ready.pop_front();
    done(std::move(chunk));
  }
  std::optional<std::uint64_t> length() const override { return length_; }

 private:
  std::shared_ptr<Chunks> chunks_;
  std::optional<std::uint64_t> length_;
};

struct Answer {
  std::optional<Result<ClientResponse>> result;
  std::unique_ptr<ClientCall> call;

  const ClientResponse& response() const {
    if (!result || !*result) ADD_FAILURE() << (result ? result->error().message() : "no answer");
    return **result;
  }
  std::string error() const { return result && !*result ? result->error().message() : ""; }
};

class ClientTest : public ::testing::Test {
 protected:
  ClientTest() { limits.continue_wait = std::chrono::milliseconds(20); }

  Client& client() {
    if (!client_) client_ = std::make_unique<Client>(loop, connector, limits);
    return *client_;
  }

  static ClientRequest request(std::string method = "GET", ClientBody body = {}) {
    ClientRequest made;
    made.asker.script_version = 7;
    made.target = {"origin.example", 80, std::nullopt};
    made.method = std::move(method);
    made.path = "/path";
    made.host_header = "origin.example";
    made.body = std::move(body);
    return made;
  }

  std::shared_ptr<Answer> send(ClientRequest what) {
    auto answer = std::make_shared<Answer>();
    answers_.push_back(answer);
    answer->call =
        client().send(std::move(what), [answer = answer.get()](Result<ClientResponse> result) {
          answer->result = std::move(result);
        });
    EXPECT_FALSE(answer->result);
    run();
    return answer;
  }

  void run() {
    loop.restart();
    loop.poll();
  }

  Wire& wire(std::size_t index = 0) { return *connector.wires.at(index); }

  void origin_sends(std::string_view bytes, std::size_t index = 0) {
    wire(index).send(bytes);
    run();
  }

  // Reads a body to its end; "error: …" when it breaks off, "…" appended when more is awaited.
  std::string read_all(Answer& answer) {
    ClientBody& body = (*answer.result)->body;
    if (auto* bytes = std::get_if<std::string>(&body)) return *bytes;
    if (std::holds_alternative<std::monostate>(body)) return "(none)";
    std::string all;
    for (;;) {
      std::optional<Result<std::string>> chunk;
      std::get<std::unique_ptr<ByteSource>>(body)->read(
          [&](Result<std::string> got) { chunk = std::move(got); });
      run();
      if (!chunk) {
        std::get<std::unique_ptr<ByteSource>>(body) = nullptr;
        return all + "…";
      }
      if (!*chunk) return "error: " + chunk->error().message();
      if ((*chunk)->empty()) return all;
      all += **chunk;
    }
  }

  boost::asio::io_context loop;
  FakeConnector connector{loop};
  ClientLimits limits;

 private:
  std::unique_ptr<Client> client_;
  std::vector<std::shared_ptr<Answer>> answers_;
};

}  // namespace atoll::http::testing
