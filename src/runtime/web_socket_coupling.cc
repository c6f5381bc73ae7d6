#include "runtime/web_socket_coupling.h"

#include <boost/asio/post.hpp>

namespace atoll::runtime {
namespace {

constexpr std::size_t kHighWater = 64 * 1024;    // bytes that the script has not taken
constexpr std::size_t kLowWater = 32 * 1024;     // when reading goes on
constexpr std::size_t kUnsentBytes = 64 * 1024;  // on their way to the client
constexpr std::uint16_t kGoingAway = 1001;
constexpr std::uint16_t kTryAgainLater = 1013;

class Coupling final : public http::WebSocketWire::Listener,
                       public std::enable_shared_from_this<Coupling> {
 public:
  Coupling(Scheduler& scheduler, std::unique_ptr<WebSocketEnd> end,
           std::unique_ptr<http::ByteChannel> channel, http::WebSocketOptions options)
      : scheduler_(scheduler),
        end_(std::move(end)),
        memory_(options.memory),
        wire_(std::move(channel), options) {}

  void start() {
    self_ = shared_from_this();
    end_->when_readable([this] { send_waiting(); });
    end_->when_taken([this] { read_on(); });
    wire_.start(*this);
  }

  void on_message(http::Opcode kind, std::string data) override {
    auto charge = MessageCharge::charge(*memory_, data.size());
    if (!charge) return wire_.fail({kTryAgainLater, "Out of memory for messages"});
    end_->send({.kind = kind == http::Opcode::Text ? WebSocketMessage::Kind::Text
                                                   : WebSocketMessage::Kind::Binary,
                .from_network = true,
                .data = std::move(data),
                .charge = *std::move(charge)});
    if (end_->unread_bytes() > kHighWater) wire_.read(false);
  }

  void on_close(std::uint16_t code, std::string reason) override {
    end_->send({.kind = WebSocketMessage::Kind::Close,
                .from_network = true,
                .code = code,
                .data = std::move(reason)});
  }

  void on_failure(const http::WebSocketFailure& failure) override {
    end_->send({.kind = WebSocketMessage::Kind::Failure,
                .from_network = true,
                .code = failure.code,
                .data = failure.description});
  }

  void on_disconnect() override {
    end_->send({.kind = WebSocketMessage::Kind::Disconnect, .from_network = true});
  }

  void on_drained() override { send_waiting(); }

  // Lets go of itself: later, since the wire is in the middle of something.
  void on_over() override {
    boost::asio::post(scheduler_.loop(), [self = std::move(self_)] {});
  }

  void on_going_away() override {
    wire_.close(kGoingAway, "");
    wire_.flush();
    end_->send({.kind = WebSocketMessage::Kind::Close, .code = kGoingAway});
  }

 private:
  // Until the connection takes no more: on_drained() tells when it does again.
  void send_waiting() {
    do {
      while (!wire_.is_over() && wire_.unsent() < kUnsentBytes) {
        auto message = end_->take();
        if (!message) break;
        send(*std::move(message));
      }
      wire_.flush();
    } while (!wire_.is_over() && wire_.unsent() == 0 && end_->has_message());
  }

  void send(WebSocketMessage message) {
    switch (message.kind) {
      case WebSocketMessage::Kind::Text:
        return wire_.send(http::Opcode::Text, std::move(message.data));
      case WebSocketMessage::Kind::Binary:
        return wire_.send(http::Opcode::Binary, std::move(message.data));
      case WebSocketMessage::Kind::Close:
        return wire_.close(message.code, message.data);
      case WebSocketMessage::Kind::Failure:
        return wire_.close(message.code, message.data);
      case WebSocketMessage::Kind::Disconnect:
        return wire_.abandon();
    }
  }

  void read_on() {
    if (end_->unread_bytes() < kLowWater) wire_.read(true);
  }

  Scheduler& scheduler_;
  std::unique_ptr<WebSocketEnd> end_;
  std::shared_ptr<js::MemoryAccount> memory_;
  http::WebSocketWire wire_;
  std::shared_ptr<Coupling> self_;
};

}  // namespace

void WebSocketCouplings::couple(std::unique_ptr<WebSocketEnd> end,
                                std::unique_ptr<http::ByteChannel> channel,
                                http::WebSocketOptions options) {
  options.memory = memory_;
  std::make_shared<Coupling>(scheduler_, std::move(end), std::move(channel), std::move(options))
      ->start();
}

}  // namespace atoll::runtime
