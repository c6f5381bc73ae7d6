#include "runtime/body_pipe.h"

namespace atoll::runtime {
namespace {
// A writer that is so far ahead of its reader has to wait.
constexpr std::size_t kHighWaterBytes = 64 << 10;
}  // namespace

class BodyPipe::Reader final : public ByteSource {
 public:
  explicit Reader(std::shared_ptr<BodyPipe> pipe) : pipe_(std::move(pipe)) {}
  ~Reader() override {
    pipe_->reader_gone_ = true;
    pipe_->waiting_ = nullptr;
    pipe_->chunks_.clear();
    pipe_->drained(false);
  }

  void read(ReadDone done) override {
    pipe_->waiting_ = std::move(done);
    pipe_->serve();
  }

  std::optional<std::uint64_t> length() const override { return pipe_->length_; }

 private:
  std::shared_ptr<BodyPipe> pipe_;
};

std::shared_ptr<BodyPipe> BodyPipe::make(std::optional<std::uint64_t> length) {
  auto pipe = std::make_shared<BodyPipe>();
  pipe->length_ = length;
  return pipe;
}

std::unique_ptr<ByteSource> BodyPipe::reader() {
  return std::make_unique<Reader>(shared_from_this());
}

bool BodyPipe::write(Scheduler& scheduler, std::string chunk) {
  if (closed_ || reader_gone_ || chunk.empty()) return true;
  buffered_ += chunk.size();
  chunks_.push_back(std::move(chunk));
  writer_waits_ = buffered_ >= kHighWaterBytes;
  if (waiting_) scheduler.run([keep = shared_from_this()] { keep->serve(); });
  return !writer_waits_;
}

void BodyPipe::close() {
  closed_ = true;
  serve();
}

void BodyPipe::abort(Error error) {
  if (closed_) return;
  error_ = std::move(error);
  closed_ = true;
  chunks_.clear();
  serve();
}

void BodyPipe::cancel(Error why) {
  auto keep = shared_from_this();
  cancelled_ = std::move(why);
  reader_gone_ = true;
  closed_ = true;
  chunks_.clear();
  buffered_ = 0;
  serve();
  drained(false);
}

void BodyPipe::serve() {
  if (!waiting_) return;
  auto keep = shared_from_this();  // the reader may be destroyed by what it is told
  if (!chunks_.empty()) {
    std::string chunk = std::move(chunks_.front());
    chunks_.pop_front();
    buffered_ -= chunk.size();
    auto done = std::exchange(waiting_, nullptr);
    done(std::move(chunk));
    if (buffered_ < kHighWaterBytes) drained(true);
  } else if (closed_) {
    auto done = std::exchange(waiting_, nullptr);
    if (error_) {
      done(fail(*std::move(error_)));
    } else {
      done(std::string());
    }
  }
}

void BodyPipe::drained(bool still_wanted) {
  if (still_wanted && !std::exchange(writer_waits_, false)) return;
  writer_waits_ = false;
  if (on_drained) on_drained(still_wanted);
}

}  // namespace atoll::runtime
