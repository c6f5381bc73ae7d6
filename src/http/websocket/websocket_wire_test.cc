#include "http/websocket/websocket_wire.h"

#include <gtest/gtest.h>

#include <vector>

namespace atoll::http {
namespace {

// A connection whose other side is the test.
struct Line {
  std::string sent;      // flushed
  std::string gathered;  // not yet
  ByteChannel::Owner* owner = nullptr;
  bool wanted = true;
  bool finished = false;
  bool destroyed = false;
};

class FakeChannel final : public ByteChannel {
 public:
  explicit FakeChannel(Line& line) : line_(line) {}
  ~FakeChannel() override { line_.destroyed = true; }
  void start(Owner& owner) override { line_.owner = &owner; }
  void read(bool wanted) override { line_.wanted = wanted; }
  std::string& output() override { return line_.gathered; }
  void carry(std::string bytes) override { line_.gathered += bytes; }
  void flush() override { line_.sent += std::exchange(line_.gathered, {}); }
  std::size_t unsent() const override { return line_.gathered.size(); }
  void expect_end_within(std::chrono::milliseconds) override {}
  void finish() override {
    flush();
    line_.finished = true;
  }

 private:
  Line& line_;
};

struct Heard final : WebSocketWire::Listener {
  void on_message(Opcode, std::string data) override { messages.push_back(std::move(data)); }
  void on_close(std::uint16_t code, std::string) override { ends.push_back(code); }
  void on_failure(const WebSocketFailure& failure) override { ends.push_back(failure.code); }
  void on_disconnect() override { ends.push_back(1006); }
  void on_drained() override {}
  void on_over() override { ++overs; }
  void on_going_away() override {}

  std::vector<std::string> messages;
  std::vector<int> ends;
  int overs = 0;
};

class Wire : public testing::Test {
 protected:
  void open(WebSocketOptions options = {}) {
    role_ = options.role;
    wire_ = std::make_unique<WebSocketWire>(std::make_unique<FakeChannel>(line_), options);
    wire_->start(heard_);
  }

  static std::string frame(Opcode opcode, std::string payload, bool is_final = true) {
    FrameHead head{.is_final = is_final,
                   .opcode = static_cast<std::uint8_t>(opcode),
                   .length = payload.size(),
                   .mask = MaskKey{0, 0, 0, 0}};
    std::string bytes;
    append_frame_head(bytes, head);
    return bytes + payload;
  }
  void receive(std::string_view bytes) { line_.owner->on_bytes(bytes); }

  // What the peer has got: "opcode:payload", unmasked.
  std::vector<std::string> sent() {
    std::vector<std::string> frames;
    std::string_view rest = line_.sent;
    while (!rest.empty()) {
      FrameHeadReading reading = read_frame_head(rest);
      std::string payload(rest.substr(reading.size, reading.head.length));
      EXPECT_EQ(reading.head.mask.has_value(), role_ == WebSocketRole::Client);
      if (reading.head.mask) apply_mask(payload, *reading.head.mask, 0);
      frames.push_back(std::to_string(reading.head.opcode) + ":" + payload);
      rest.remove_prefix(reading.size + payload.size());
    }
    return frames;
  }

  WebSocketRole role_ = WebSocketRole::Server;
  Line line_;
  Heard heard_;
  std::unique_ptr<WebSocketWire> wire_;
};

TEST_F(Wire, AnswersPingsBetweenMessages) {
  open();
  receive(frame(Opcode::Text, "a") + frame(Opcode::Ping, "p") + frame(Opcode::Text, "b"));
  EXPECT_EQ(heard_.messages, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(sent(), (std::vector<std::string>{"10:p"}));
}

TEST_F(Wire, ClosesWhenBothSidesHave) {
  open();
  wire_->close(1000, "done");
  wire_->flush();
  EXPECT_FALSE(line_.finished);
  wire_->send(Opcode::Text, "too late");
  receive(frame(Opcode::Text, "still comes") + frame(Opcode::Close, "\x03\xe8"));
  EXPECT_EQ(heard_.messages.size(), 1u);
  EXPECT_EQ(heard_.ends, std::vector<int>{1000});
  EXPECT_TRUE(line_.finished);
  EXPECT_TRUE(wire_->is_over());
  EXPECT_EQ(heard_.overs, 1);
  EXPECT_EQ(sent(), (std::vector<std::string>{"8:\x03\xe8"
                                              "done"}));
}

TEST_F(Wire, MayGoOnSendingAfterThePeersClose) {
  open();
  receive(frame(Opcode::Close, "") + frame(Opcode::Text, "ignored"));
  EXPECT_EQ(heard_.ends, std::vector<int>{1005});
  wire_->send(Opcode::Text, "last words");
  wire_->close(1005, "");
  wire_->flush();
  EXPECT_EQ(sent(), (std::vector<std::string>{"1:last words", "8:"}));
  EXPECT_TRUE(heard_.messages.empty());
  EXPECT_EQ(heard_.overs, 1);
}

TEST_F(Wire, EndsOnceHoweverItEnds) {
  open();
  receive(frame(static_cast<Opcode>(3), ""));
  EXPECT_EQ(heard_.ends, std::vector<int>{1002});
  EXPECT_EQ(heard_.overs, 1);
  EXPECT_TRUE(line_.destroyed);
  wire_->close(1000, "");
  wire_->flush();
  wire_->abandon();
  EXPECT_EQ(heard_.overs, 1);
}

TEST_F(Wire, TellsOfALostConnection) {
  open();
  line_.owner->on_end();
  EXPECT_EQ(heard_.ends, std::vector<int>{1006});
  EXPECT_EQ(heard_.overs, 1);
}

TEST_F(Wire, KeepsWhatArrivesWhileNobodyReads) {
  open();
  wire_->read(false);
  EXPECT_FALSE(line_.wanted);
  receive(frame(Opcode::Text, "a") + frame(Opcode::Text, "b"));
  EXPECT_TRUE(heard_.messages.empty());
  wire_->read(true);
  EXPECT_EQ(heard_.messages.size(), 2u);
}

TEST_F(Wire, MasksAsAClient) {
  open({.role = WebSocketRole::Client});
  wire_->send(Opcode::Binary, "bytes");
  wire_->flush();
  EXPECT_EQ(sent(), (std::vector<std::string>{"2:bytes"}));
}

TEST_F(Wire, CutsReasonsBetweenCharacters) {
  open();
  std::string reason(122, 'x');
  wire_->close(1000, reason + "é");
  wire_->flush();
  EXPECT_EQ(sent().at(0), "8:\x03\xe8" + reason);
}

TEST_F(Wire, RefusesWhatTheProgramHasNoMemoryFor) {
  auto memory = std::make_shared<js::MemoryAccount>(100'000);
  open({.memory = memory});
  receive(frame(Opcode::Binary, std::string(50'000, 'x'), false));
  EXPECT_EQ(memory->used(), 50'000u);
  receive(frame(Opcode::Continuation, std::string(10, 'x')));
  EXPECT_EQ(memory->used(), 0u);
  EXPECT_EQ(heard_.messages.size(), 1u);
  receive(frame(Opcode::Binary, std::string(60'000, 'x'), false));
  receive(frame(Opcode::Continuation, std::string(60'000, 'x'), false));
  EXPECT_EQ(heard_.ends, std::vector<int>{1013});
  wire_.reset();
  EXPECT_EQ(memory->used(), 0u);
}

}  // namespace
}  // namespace atoll::http
