#include "http/websocket/websocket_wire.h"

#include <algorithm>
#include <utility>

#include "base/random.h"

namespace atoll::http {
namespace {

constexpr std::uint16_t kNoStatus = 1005;
constexpr std::size_t kMaxCloseReason = kMaxControlPayload - 2;
constexpr std::uint16_t kTryAgainLater = 1013;
constexpr std::size_t kNotWorthCounting = 16 * 1024;  // held bytes of one connection
constexpr std::size_t kWorthCompressing = 64;         // bytes
constexpr std::size_t kNoMorePongs = 64 * 1024;       // unsent bytes: the peer does not read

}  // namespace

WebSocketWire::WebSocketWire(std::unique_ptr<ByteChannel> channel, WebSocketOptions options)
    : channel_(std::move(channel)),
      options_(std::move(options)),
      reader_(options.role, options.max_message_bytes, options.compression, options.agreement) {}

WebSocketWire::~WebSocketWire() {
  if (charged_ > 0) options_.memory->release(charged_);
}

void WebSocketWire::start(Listener& listener) {
  listener_ = &listener;
  channel_->start(*this);
}

void WebSocketWire::send_frame(Opcode kind, std::string payload, bool is_compressed) {
  FrameHead head;
  head.opcode = static_cast<std::uint8_t>(kind);
  head.is_compressed = is_compressed;
  head.length = payload.size();
  if (options_.role == WebSocketRole::Client) {
    head.mask.emplace();
    fill_random(head.mask->data(), head.mask->size());
    apply_mask(payload, *head.mask, 0);
  }
  append_frame_head(channel_->output(), head);
  channel_->carry(std::move(payload));
}

void WebSocketWire::send(Opcode kind, std::string data) {
  if (!channel_ || sent_close_) return;
  if (options_.compression != nullptr && data.size() >= kWorthCompressing) {
    if (!deflater_) {
      deflater_ = options_.compression->make_deflater(options_.agreement.own_window_bits);
    }
    if (deflater_) {
      send_frame(kind, deflater_->deflate(data), true);
      if (!options_.agreement.keeps_own_context) deflater_.reset();
      return;
    }
  }
  send_frame(kind, std::move(data), false);
}

void WebSocketWire::close(std::uint16_t code, std::string_view reason) {
  if (!channel_ || sent_close_) return;
  std::string payload;
  if (code != kNoStatus) {
    payload.push_back(static_cast<char>(code >> 8));
    payload.push_back(static_cast<char>(code & 0xff));
    std::size_t size = std::min(reason.size(), kMaxCloseReason);
    // Not in the middle of a character.
    while (size > 0 && size < reason.size() && (reason[size] & 0xc0) == 0x80) --size;
    payload.append(reason.substr(0, size));
  }
  send_frame(Opcode::Close, std::move(payload), false);
  sent_close_ = true;
  if (received_close_) return;  // flush() ends it
  channel_->expect_end_within(options_.close_timeout);
}

void WebSocketWire::flush() {
  if (!channel_) return;
  if (!taking_ && sent_close_ && received_close_) return end_if_closed();
  channel_->flush();
}

void WebSocketWire::abandon() {
  if (!channel_) return;
  received_close_ = true;
  finish();
}

void WebSocketWire::end_if_closed() {
  if (channel_ && sent_close_ && received_close_) finish();
}

// What the listener does may have brought us here already.
void WebSocketWire::finish() {
  auto channel = std::move(channel_);
  if (!channel) return;
  channel->finish();
  listener_->on_over();
}

void WebSocketWire::read(bool wanted) {
  reading_ = wanted;
  if (!channel_) return;
  channel_->read(wanted || received_close_);
  if (!wanted || taking_ || unread_.empty()) return;
  take(std::exchange(unread_, {}));
}

void WebSocketWire::on_bytes(std::string_view bytes) {
  if (received_close_) return;  // whatever follows a Close frame means nothing
  if (unread_.empty() && reading_) return take(bytes);
  unread_.append(bytes);
  if (reading_) return take(std::exchange(unread_, {}));
  if (!charge_held_bytes()) fail({kTryAgainLater, "Out of memory for messages"});
}

void WebSocketWire::take(std::string_view bytes) {
  taking_ = true;
  while (reading_ && !received_close_) {
    auto part = reader_.next(bytes);
    if (!part) break;
    take_part(*std::move(part));
  }
  taking_ = false;
  if (reader_.failure() && !received_close_) return end_by_failure(*reader_.failure());
  if (!received_close_ && !bytes.empty()) unread_.assign(bytes);
  if (!charge_held_bytes()) return fail({kTryAgainLater, "Out of memory for messages"});
  flush();
}

bool WebSocketWire::charge_held_bytes() {
  if (!options_.memory) return true;
  std::size_t held = reader_.bytes_held() + unread_.size();
  if (held < kNotWorthCounting || received_close_) held = 0;
  if (held > charged_ && !options_.memory->charge(held - charged_)) return false;
  if (held < charged_) options_.memory->release(charged_ - held);
  charged_ = held;
  return true;
}

void WebSocketWire::fail(WebSocketFailure failure) {
  if (channel_ && !received_close_) end_by_failure(std::move(failure));
}

void WebSocketWire::take_part(WebSocketPart part) {
  switch (part.kind) {
    case Opcode::Ping:
      if (!sent_close_ && channel_->unsent() < kNoMorePongs) {
        send_frame(Opcode::Pong, std::move(part.data), false);
      }
      return;
    case Opcode::Pong:
      return;
    case Opcode::Close:
      received_close_ = true;
      channel_->read(true);  // to learn when the peer is gone
      return listener_->on_close(part.code, std::move(part.data));
    default:
      return listener_->on_message(part.kind, std::move(part.data));
  }
}

void WebSocketWire::end_by_failure(WebSocketFailure failure) {
  close(failure.code, failure.description);
  received_close_ = true;
  unread_ = std::string();
  listener_->on_failure(failure);
  finish();
}

void WebSocketWire::on_end() {
  channel_.reset();
  if (!std::exchange(received_close_, true)) listener_->on_disconnect();
  listener_->on_over();
}

void WebSocketWire::on_drained() { listener_->on_drained(); }

void WebSocketWire::on_going_away() { listener_->on_going_away(); }

}  // namespace atoll::http
