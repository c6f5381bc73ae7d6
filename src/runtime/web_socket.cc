#include "runtime/web_socket.h"

namespace atoll::runtime {
namespace {

constexpr std::size_t kMessageOverhead = 64;

std::size_t size_of(const WebSocketMessage& message) {
  return message.data.size() + kMessageOverhead;
}

}  // namespace

std::optional<MessageCharge> MessageCharge::charge(js::MemoryAccount& account, std::size_t bytes) {
  bytes += kMessageOverhead;
  if (!account.charge(bytes)) return std::nullopt;
  MessageCharge charged;
  charged.account_ = account.shared_from_this();
  charged.bytes_ = bytes;
  return charged;
}

// What both ends share. A side's queue holds what its end may take.
struct WebSocketEnd::Pipe {
  struct Side {
    WebSocketEnd* end = nullptr;  // null once it is gone
    std::deque<WebSocketMessage> queue;
    std::size_t bytes = 0;
    bool got_last = false;
    bool readable_scheduled = false;
    bool taken_scheduled = false;
    std::move_only_function<void()> on_readable;
    std::move_only_function<void()> on_taken;
  };

  explicit Pipe(Scheduler& turns) : scheduler(turns) {}

  void schedule(const std::shared_ptr<Pipe>& self, int side, bool Side::* scheduled,
                std::move_only_function<void()> Side::* callback) {
    if (!(sides[side].*callback) || std::exchange(sides[side].*scheduled, true)) return;
    scheduler.run([self, side, scheduled, callback] {
      Side& told = self->sides[side];
      told.*scheduled = false;
      if (told.end != nullptr && told.*callback) (told.*callback)();
    });
  }

  Scheduler& scheduler;
  Side sides[2];
};

WebSocketEnd::Pair WebSocketEnd::make_pair(Scheduler& scheduler) {
  auto pipe = std::make_shared<Pipe>(scheduler);
  Pair pair{std::unique_ptr<WebSocketEnd>(new WebSocketEnd(pipe, 0)),
            std::unique_ptr<WebSocketEnd>(new WebSocketEnd(pipe, 1))};
  pipe->sides[0].end = pair.first.get();
  pipe->sides[1].end = pair.second.get();
  return pair;
}

WebSocketEnd::~WebSocketEnd() {
  send({.kind = WebSocketMessage::Kind::Disconnect});
  Pipe::Side& own = pipe_->sides[side_];
  own.end = nullptr;
  own.queue.clear();
  own.bytes = 0;
  // A callback may be running, and may hold what destroys this end.
  pipe_->scheduler.run([pipe = pipe_, side = side_] {
    pipe->sides[side].on_readable = nullptr;
    pipe->sides[side].on_taken = nullptr;
  });
}

void WebSocketEnd::send(WebSocketMessage message) {
  Pipe::Side& other = pipe_->sides[1 - side_];
  if (other.end == nullptr || other.got_last) return;
  other.got_last = message.is_last();
  other.bytes += size_of(message);
  other.queue.push_back(std::move(message));
  pipe_->schedule(pipe_, 1 - side_, &Pipe::Side::readable_scheduled, &Pipe::Side::on_readable);
}

std::optional<WebSocketMessage> WebSocketEnd::take() {
  Pipe::Side& own = pipe_->sides[side_];
  if (own.queue.empty()) return std::nullopt;
  WebSocketMessage message = std::move(own.queue.front());
  own.queue.pop_front();
  own.bytes -= size_of(message);
  if (own.queue.empty()) own.queue.shrink_to_fit();
  pipe_->schedule(pipe_, 1 - side_, &Pipe::Side::taken_scheduled, &Pipe::Side::on_taken);
  return message;
}

bool WebSocketEnd::has_message() const { return !pipe_->sides[side_].queue.empty(); }

bool WebSocketEnd::next_is_from_network() const {
  return has_message() && pipe_->sides[side_].queue.front().from_network;
}

std::size_t WebSocketEnd::unread_bytes() const { return pipe_->sides[1 - side_].bytes; }

bool WebSocketEnd::peer_gone() const { return pipe_->sides[1 - side_].end == nullptr; }

void WebSocketEnd::when_readable(std::move_only_function<void()> callback) {
  pipe_->sides[side_].on_readable = std::move(callback);
  if (!has_message()) return;
  pipe_->schedule(pipe_, side_, &Pipe::Side::readable_scheduled, &Pipe::Side::on_readable);
}

void WebSocketEnd::when_taken(std::move_only_function<void()> callback) {
  pipe_->sides[side_].on_taken = std::move(callback);
}

const void* WebSocketEnd::peer_holder() const {
  const WebSocketEnd* peer = pipe_->sides[1 - side_].end;
  return peer != nullptr ? peer->holder_ : nullptr;
}

}  // namespace atoll::runtime
