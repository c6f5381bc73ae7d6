// A WebSocket between two parties of this process, as whole messages: two ends, each with a queue
// of what the other has sent. A party is the script that made or got the end, or the coupling that
// brings the messages to a connection. All on the host's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "js/memory_account.h"
#include "runtime/scheduler.h"

namespace atoll::runtime {

// Memory of an isolate that a message takes up until somebody has taken it.
class MessageCharge {
 public:
  MessageCharge() = default;
  // Empty when the account refuses.
  static std::optional<MessageCharge> charge(js::MemoryAccount& account, std::size_t bytes);
  MessageCharge(MessageCharge&& other) noexcept
      : account_(std::move(other.account_)), bytes_(std::exchange(other.bytes_, 0)) {}
  MessageCharge& operator=(MessageCharge&& other) noexcept {
    std::swap(account_, other.account_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MessageCharge() {
    if (account_) account_->release(bytes_);
  }

 private:
  std::shared_ptr<js::MemoryAccount> account_;
  std::size_t bytes_ = 0;
};

struct WebSocketMessage {
  enum class Kind : std::uint8_t {
    Text,
    Binary,
    Close,       // `code`, 1005 for none, and the reason as `data`
    Disconnect,  // the other party is gone without a word
    Failure,     // the peer broke the protocol: `code` and a description
  };
  Kind kind = Kind::Text;
  bool from_network = false;
  std::uint16_t code = 0;
  std::string data = {};
  MessageCharge charge = {};

  bool is_last() const { return kind != Kind::Text && kind != Kind::Binary; }
};

class WebSocketEnd {
 public:
  struct Pair;
  // The scheduler outlives both ends.
  static Pair make_pair(Scheduler& scheduler);
  // Tells the other party, unless it has been sent a last message.
  ~WebSocketEnd();
  WebSocketEnd(const WebSocketEnd&) = delete;
  WebSocketEnd& operator=(const WebSocketEnd&) = delete;

  // Nothing can be sent after a last message, and nothing arrives once the other party is gone.
  void send(WebSocketMessage message);
  // The oldest message that was not taken yet.
  std::optional<WebSocketMessage> take();
  bool has_message() const;
  // Whether the next message came from the network.
  bool next_is_from_network() const;

  std::size_t unread_bytes() const;  // sent from here, and not taken yet
  bool peer_gone() const;

  // Called through the scheduler, when there is something to take().
  void when_readable(std::move_only_function<void()> callback);
  // Called through the scheduler, after the other party has taken something.
  void when_taken(std::move_only_function<void()> callback);

  // Who holds this end: tells parties apart, and is never followed. Null on the way.
  void set_holder(const void* holder) { holder_ = holder; }
  // Of the other end; null as well when it is gone.
  const void* peer_holder() const;

 private:
  struct Pipe;
  WebSocketEnd(std::shared_ptr<Pipe> pipe, int side) : pipe_(std::move(pipe)), side_(side) {}

  std::shared_ptr<Pipe> pipe_;
  int side_;
  const void* holder_ = nullptr;
};

struct WebSocketEnd::Pair {
  std::unique_ptr<WebSocketEnd> first;
  std::unique_ptr<WebSocketEnd> second;
};

}  // namespace atoll::runtime
