#include "net/stream_pair.h"

#include <boost/asio/post.hpp>
#include <deque>
#include <string>

#include "net/tcp_stream.h"

namespace atoll::net {
namespace {

// Bytes from one end to the other. Callbacks are posted to the loop by whatever makes them ready,
// one round for all that has become ready by then.
class Lane : public std::enable_shared_from_this<Lane> {
 public:
  explicit Lane(boost::asio::io_context& loop) : loop_(loop) {}

  void read(Stream::ReadDone done) {
    reading_ = std::move(done);
    serve_soon();
  }
  void cancel_read() { reading_ = nullptr; }

  void write(std::string bytes, Stream::Done done) {
    if (!ended_ && !reader_gone_ && !bytes.empty()) {
      buffered_ += bytes.size();
      chunks_.push_back(std::move(bytes));
    }
    writing_ = std::move(done);
    serve_soon();
  }
  void shut_down(Stream::Done done) {
    ended_ = true;
    writing_ = std::move(done);
    serve_soon();
  }

  void reader_leaves() {
    reader_gone_ = true;
    reading_ = nullptr;
    chunks_.clear();
    buffered_ = 0;
    serve_soon();
  }
  void writer_leaves() {
    ended_ = true;
    writing_ = nullptr;
    serve_soon();
  }

 private:
  void serve_soon() {
    if (std::exchange(posted_, true)) return;
    boost::asio::post(loop_, [self = shared_from_this()] { self->serve(); });
  }

  void serve() {
    posted_ = false;
    std::string bytes;
    Stream::ReadDone reading;
    if (reading_ && (!chunks_.empty() || ended_)) {
      bytes = take();
      reading = std::exchange(reading_, nullptr);
    }
    // What has been taken counts as written, whatever the reader does with the rest.
    bool written = !reader_gone_ && buffered_ <= kPairBufferBytes;
    if (reading) reading(std::move(bytes));
    if (!writing_ || (!written && !reader_gone_ && !ended_)) return;
    auto writing = std::exchange(writing_, nullptr);
    writing(written || ended_ ? Result<void>() : Result<void>(fail(connection_lost())));
  }

  // The next bytes; none at the end.
  std::string take() {
    if (chunks_.empty()) return {};
    std::string taken;
    if (taken_ == 0 && chunks_.front().size() <= Stream::kMaxReadBytes) {
      taken = std::move(chunks_.front());
      chunks_.pop_front();
    } else {
      taken = chunks_.front().substr(taken_, Stream::kMaxReadBytes);
      taken_ += taken.size();
      if (taken_ == chunks_.front().size()) {
        chunks_.pop_front();
        taken_ = 0;
      }
    }
    buffered_ -= taken.size();
    return taken;
  }

  boost::asio::io_context& loop_;
  std::deque<std::string> chunks_;
  std::size_t taken_ = 0;  // of the first chunk
  std::size_t buffered_ = 0;
  bool ended_ = false;
  bool reader_gone_ = false;
  bool posted_ = false;
  Stream::ReadDone reading_;
  Stream::Done writing_;
};

class PairedStream final : public Stream {
 public:
  PairedStream(std::shared_ptr<Lane> in, std::shared_ptr<Lane> out)
      : in_(std::move(in)), out_(std::move(out)) {}
  ~PairedStream() override {
    in_->reader_leaves();
    out_->writer_leaves();
  }

  void read(ReadDone done) override { in_->read(std::move(done)); }
  void cancel_read() override { in_->cancel_read(); }
  void write(std::string bytes, Done done) override {
    out_->write(std::move(bytes), std::move(done));
  }
  void shutdown_write(Done done) override { out_->shut_down(std::move(done)); }
  const std::string& protocol() const override {
    static const std::string none;
    return none;
  }

 private:
  std::shared_ptr<Lane> in_;
  std::shared_ptr<Lane> out_;
};

}  // namespace

std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>> make_stream_pair(
    boost::asio::io_context& loop) {
  auto there = std::make_shared<Lane>(loop);
  auto back = std::make_shared<Lane>(loop);
  return {std::make_unique<PairedStream>(back, there), std::make_unique<PairedStream>(there, back)};
}

}  // namespace atoll::net
