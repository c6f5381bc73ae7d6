// A WebSocket as its peer on the network sees it: frames, pings, compression, the closing
// handshake.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/websocket/byte_channel.h"
#include "http/websocket/message_reader.h"
#include "js/memory_account.h"

namespace atoll::http {

struct WebSocketOptions {
  WebSocketRole role = WebSocketRole::Server;
  std::size_t max_message_bytes = std::size_t{32} << 20;
  std::chrono::milliseconds close_timeout{10'000};  // between our Close frame and the peer's
  MessageCompression* compression = nullptr;        // when agreed; outlives the wire
  DeflateAgreement agreement = {};
  // What messages that have not wholly arrived may take up, together with other WebSockets'; null:
  // nobody counts.
  std::shared_ptr<js::MemoryAccount> memory = {};
};

// Event loop's thread only.
class WebSocketWire final : private ByteChannel::Owner {
 public:
  // None of these calls may destroy the wire. Exactly one of on_close, on_failure and on_disconnect
  // comes, as the last that arrives from the peer.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void on_message(Opcode kind, std::string data) = 0;  // Text or Binary
    // The peer's Close frame; code 1005 when it named none. We may go on sending until close().
    virtual void on_close(std::uint16_t code, std::string reason) = 0;
    // The peer has broken the rules and was told so; the connection is over.
    virtual void on_failure(const WebSocketFailure& failure) = 0;
    virtual void on_disconnect() = 0;
    virtual void on_drained() = 0;     // all that was sent is in the kernel's hands
    virtual void on_over() = 0;        // the very last call: is_over() from now on
    virtual void on_going_away() = 0;  // the program wants to end
  };

  WebSocketWire(std::unique_ptr<ByteChannel> channel, WebSocketOptions options);
  ~WebSocketWire() override;

  // `listener` outlives the wire.
  void start(Listener& listener);

  // Gathered until flush(). Without effect after close() or when the connection is gone.
  void send(Opcode kind, std::string data);
  // Code 1005: a Close frame without a code.
  void close(std::uint16_t code, std::string_view reason);
  void flush();
  // Ends the connection without a Close frame, once all is sent.
  void abandon();
  // Closes with this code because of something on our side; what has arrived is dropped.
  void fail(WebSocketFailure failure);

  // Whether on_message() may be called; true at the start.
  void read(bool wanted);
  std::size_t unsent() const { return channel_ ? channel_->unsent() : 0; }
  // Nothing will come and nothing can be sent any more.
  bool is_over() const { return channel_ == nullptr; }

 private:
  void on_bytes(std::string_view bytes) override;
  void on_end() override;
  void on_drained() override;
  void on_going_away() override;

  void take(std::string_view bytes);
  void take_part(WebSocketPart part);
  void end_by_failure(WebSocketFailure failure);
  bool charge_held_bytes();
  void send_frame(Opcode kind, std::string payload, bool is_compressed);
  void end_if_closed();
  void finish();

  std::unique_ptr<ByteChannel> channel_;  // null once all is over
  const WebSocketOptions options_;
  MessageReader reader_;
  std::unique_ptr<MessageDeflater> deflater_;
  Listener* listener_ = nullptr;
  std::string unread_;  // arrived while nobody wanted to read
  std::size_t charged_ = 0;
  bool reading_ = true;
  bool taking_ = false;
  bool received_close_ = false;  // or whatever else was the last
  bool sent_close_ = false;
};

}  // namespace atoll::http
