#include "http/websocket/stream_channel.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <utility>

namespace atoll::http {
namespace {

// How long a finished connection waits for the other side's end.
constexpr std::chrono::seconds kLinger{2};

// Outlives the channel while it finishes; callbacks hold it weakly, the timer keeps it then.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::io_context& loop, std::unique_ptr<net::Stream> stream, std::string input)
      : loop_(loop), stream_(std::move(stream)), input_(std::move(input)) {}

  void start(ByteChannel::Owner& owner) {
    owner_ = &owner;
    boost::asio::post(loop_, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->read_on();
    });
  }

  void read(bool wanted) {
    wanted_ = wanted;
    if (!stream_) return;
    if (!wanted && std::exchange(reading_, false)) return stream_->cancel_read();
    if (wanted) read_later();
  }

  std::string& output() { return output_; }
  std::size_t unsent() const { return output_.size() + in_flight_; }

  void flush() {
    if (!stream_ || in_flight_ > 0) return;
    if (output_.empty()) return end_output_if_finishing();
    in_flight_ = output_.size();
    stream_->write(std::exchange(output_, {}), [weak = weak_from_this()](Result<void> written) {
      auto self = weak.lock();
      if (!self) return;
      self->in_flight_ = 0;
      if (!written) return self->end();
      if (!self->output_.empty() || self->finishing_) return self->flush();
      if (self->owner_ != nullptr) self->owner_->on_drained();
    });
  }

  void end_within(std::chrono::milliseconds time) {
    timer_.emplace(loop_, time);
    timer_->async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error) self->end();
    });
  }

  void finish() {
    owner_ = nullptr;
    if (!stream_) return;
    finishing_ = true;
    end_within(kLinger);
    flush();
  }

  // The owner has let go.
  void cut() {
    owner_ = nullptr;
    end();
  }

 private:
  // From the loop, since the owner is in the middle of a call.
  void read_later() {
    if (std::exchange(read_scheduled_, true)) return;
    boost::asio::post(loop_, [weak = weak_from_this()] {
      auto self = weak.lock();
      if (!self) return;
      self->read_scheduled_ = false;
      self->read_on();
    });
  }

  void read_on() {
    if (!stream_ || !wanted_ || reading_) return;
    if (!input_.empty() && owner_ != nullptr) {
      std::string input = std::exchange(input_, {});
      read_later();
      return owner_->on_bytes(input);
    }
    reading_ = true;
    stream_->read([weak = weak_from_this()](Result<std::string> chunk) {
      auto self = weak.lock();
      if (!self) return;
      self->reading_ = false;
      if (!chunk || chunk->empty()) return self->end();
      if (self->owner_ != nullptr) self->owner_->on_bytes(*chunk);
      self->read_on();
    });
  }

  void end_output_if_finishing() {
    if (!finishing_ || std::exchange(output_ended_, true)) return;
    stream_->shutdown_write([](Result<void>) {});
    wanted_ = true;
    read_later();
  }

  void end() {
    if (!stream_) return;
    // A callback of the stream may be running.
    boost::asio::post(loop_, [stream = std::shared_ptr<net::Stream>(std::move(stream_))] {});
    stream_ = nullptr;
    if (timer_) timer_->cancel();
    if (auto* owner = std::exchange(owner_, nullptr)) owner->on_end();
  }

  boost::asio::io_context& loop_;
  std::unique_ptr<net::Stream> stream_;  // null once it is over
  std::string input_;
  std::string output_;
  std::size_t in_flight_ = 0;
  ByteChannel::Owner* owner_ = nullptr;
  std::optional<boost::asio::steady_timer> timer_;
  bool wanted_ = true;
  bool reading_ = false;
  bool read_scheduled_ = false;
  bool finishing_ = false;
  bool output_ended_ = false;
};

class StreamChannel final : public ByteChannel {
 public:
  explicit StreamChannel(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}
  ~StreamChannel() override {
    if (!finished_) connection_->cut();
  }
  void start(Owner& owner) override { connection_->start(owner); }
  void read(bool wanted) override { connection_->read(wanted); }
  std::string& output() override { return connection_->output(); }
  void carry(std::string bytes) override { connection_->output().append(bytes); }
  void flush() override { connection_->flush(); }
  std::size_t unsent() const override { return connection_->unsent(); }
  void expect_end_within(std::chrono::milliseconds time) override { connection_->end_within(time); }
  void finish() override {
    finished_ = true;
    connection_->finish();
  }

 private:
  std::shared_ptr<Connection> connection_;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<ByteChannel> make_stream_channel(boost::asio::io_context& loop,
                                                 std::unique_ptr<net::Stream> stream,
                                                 std::string input) {
  return std::make_unique<StreamChannel>(
      std::make_shared<Connection>(loop, std::move(stream), std::move(input)));
}

}  // namespace atoll::http
