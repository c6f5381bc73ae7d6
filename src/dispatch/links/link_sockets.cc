#include "dispatch/links/link_sockets.h"

#include <algorithm>

namespace atoll::dispatch {

using border::LinkNumber;
using runtime::WebSocketMessage;

namespace {

// What a side may have sent on one WebSocket beyond what was taken: the window, and one message.
constexpr std::size_t kMaxUntakenBytes = border::kLinkWindowBytes + border::kMaxFrameBytes;
constexpr auto kLastKind = static_cast<std::uint8_t>(WebSocketMessage::Kind::Failure);

}  // namespace

// Holds one end, and carries its messages to the link and back.
class LinkSockets::Bridge : public std::enable_shared_from_this<Bridge> {
 public:
  Bridge(LinkSockets& owner, LinkNumber number, std::unique_ptr<runtime::WebSocketEnd> end)
      : owner_(&owner), wire_(owner.wire_), number_(number), end_(std::move(end)) {}

  void start() {
    end_->when_readable([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->send_waiting();
    });
    end_->when_taken([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->give_credit();
    });
  }

  Result<void> receive(border::LinkSocketMessage message) {
    if (!end_ || got_last_) return {};
    given_ += message.data.size();
    if (given_ - credited_ > kMaxUntakenBytes) {
      return fail(invalid_input("more of a WebSocket came than was asked for"));
    }
    WebSocketMessage made{.kind = static_cast<WebSocketMessage::Kind>(message.kind),
                          .from_network = message.from_network,
                          .code = message.code,
                          .data = std::move(message.data)};
    bool is_over = made.kind == WebSocketMessage::Kind::Disconnect;
    got_last_ = made.is_last();
    end_->send(std::move(made));
    if (is_over || (got_last_ && sent_last_)) let_go();
    return {};
  }

  void add_credit(std::uint64_t bytes) {
    untaken_ -= std::min<std::uint64_t>(untaken_, bytes);
    send_waiting();
  }

  // Later: this may be a callback of the end.
  void let_go() {
    if (!end_) return;
    if (owner_) owner_->bridges_.erase(number_);
    owner_ = nullptr;
    wire_->scheduler().later([end = std::move(end_)] {});
  }
  void forget_owner() { owner_ = nullptr; }

 private:
  void send_waiting() {
    auto keep = shared_from_this();
    while (end_ && !sent_last_ && untaken_ < border::kLinkWindowBytes) {
      auto message = end_->take();
      if (!message) return;
      untaken_ += message->data.size();
      sent_last_ = message->is_last();
      bool is_over = message->kind == WebSocketMessage::Kind::Disconnect;
      wire_->send(border::LinkSocketMessage{number_, static_cast<std::uint8_t>(message->kind),
                                            message->from_network, message->code,
                                            std::move(message->data)});
      if (is_over || (got_last_ && sent_last_)) let_go();
    }
  }

  void give_credit() {
    if (!end_) return;
    std::uint64_t unread = std::min<std::uint64_t>(end_->unread_bytes(), given_ - credited_);
    std::uint64_t taken = given_ - credited_ - unread;
    if (taken == 0) return;
    credited_ += taken;
    wire_->send(border::LinkCredit{number_, taken});
  }

  LinkSockets* owner_;
  std::shared_ptr<LinkWire> wire_;
  const LinkNumber number_;
  std::unique_ptr<runtime::WebSocketEnd> end_;  // null: over
  std::uint64_t untaken_ = 0;                   // sent over the link, and not credited
  std::uint64_t given_ = 0;                     // to the party here, in all
  std::uint64_t credited_ = 0;
  bool sent_last_ = false;
  bool got_last_ = false;
};

void LinkSockets::add(LinkNumber number, std::unique_ptr<runtime::WebSocketEnd> end) {
  auto bridge = std::make_shared<Bridge>(*this, number, std::move(end));
  bridges_[number] = bridge;
  // Later: the message that names the WebSocket has to leave first.
  wire_->scheduler().later([bridge] { bridge->start(); });
}

LinkNumber LinkSockets::send(std::unique_ptr<runtime::WebSocketEnd> end) {
  LinkNumber number = wire_->next_number();
  add(number, std::move(end));
  return number;
}

std::unique_ptr<runtime::WebSocketEnd> LinkSockets::receive(LinkNumber number) {
  if (!wire_->is_of_other(number) || bridges_.contains(number)) return nullptr;
  auto pair = runtime::WebSocketEnd::make_pair(wire_->scheduler());
  add(number, std::move(pair.first));
  return std::move(pair.second);
}

Result<void> LinkSockets::on_message(border::LinkSocketMessage message) {
  if (message.kind > kLastKind) return fail(invalid_input("no such kind of message"));
  auto found = bridges_.find(message.web_socket);
  if (found == bridges_.end()) return {};
  auto bridge = found->second;
  return bridge->receive(std::move(message));
}

void LinkSockets::on_credit(LinkNumber number, std::uint64_t bytes) {
  auto found = bridges_.find(number);
  if (found == bridges_.end()) return;
  auto bridge = found->second;
  bridge->add_credit(bytes);
}

void LinkSockets::close() {
  auto bridges = std::exchange(bridges_, {});
  for (auto& [number, bridge] : bridges) {
    bridge->forget_owner();
    bridge->let_go();
  }
}

}  // namespace atoll::dispatch
