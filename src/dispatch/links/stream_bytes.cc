#include "dispatch/links/stream_bytes.h"

namespace atoll::dispatch {
namespace {

class StreamSource final : public ByteSource {
 public:
  explicit StreamSource(std::shared_ptr<net::Stream> stream) : stream_(std::move(stream)) {}
  ~StreamSource() override { stream_->cancel_read(); }
  void read(ReadDone done) override { stream_->read(std::move(done)); }

 private:
  std::shared_ptr<net::Stream> stream_;
};

class Writer : public std::enable_shared_from_this<Writer> {
 public:
  Writer(std::unique_ptr<ByteSource> source, std::shared_ptr<net::Stream> stream)
      : source_(std::move(source)), stream_(std::move(stream)) {}

  void go_on() {
    source_->read(
        [self = shared_from_this()](Result<std::string> chunk) { self->take(std::move(chunk)); });
  }

 private:
  void take(Result<std::string> chunk) {
    if (!chunk) return;  // cut off: letting go of the stream says so
    auto self = shared_from_this();
    if (chunk->empty()) return stream_->shutdown_write([self](Result<void>) {});
    stream_->write(*std::move(chunk), [self](Result<void> written) {
      if (written) self->go_on();
    });
  }

  std::unique_ptr<ByteSource> source_;
  std::shared_ptr<net::Stream> stream_;
};

}  // namespace

std::unique_ptr<ByteSource> bytes_from(std::shared_ptr<net::Stream> stream) {
  return std::make_unique<StreamSource>(std::move(stream));
}

void bytes_into(std::unique_ptr<ByteSource> source, std::shared_ptr<net::Stream> stream) {
  std::make_shared<Writer>(std::move(source), std::move(stream))->go_on();
}

}  // namespace atoll::dispatch
