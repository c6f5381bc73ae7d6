#include "dispatch/links/link_streams.h"

#include <algorithm>
#include <deque>

namespace atoll::dispatch {

using border::LinkNumber;

namespace {

// Reads `source` into `pipe` for as long as the pipe's reader wants it.
class Feeder : public std::enable_shared_from_this<Feeder> {
 public:
  Feeder(runtime::Scheduler& scheduler, std::unique_ptr<ByteSource> source,
         std::shared_ptr<runtime::BodyPipe> pipe)
      : scheduler_(scheduler), source_(std::move(source)), pipe_(std::move(pipe)) {}

  void start() {
    pipe_->on_drained = [self = shared_from_this()](bool wanted) { self->drained(wanted); };
    read();
  }

 private:
  void read() {
    reading_ = true;
    source_->read([self = shared_from_this()](Result<std::string> chunk) {
      self->reading_ = false;
      self->take(std::move(chunk));
    });
  }

  void take(Result<std::string> chunk) {
    if (!pipe_) return;
    if (!chunk) {
      pipe_->abort(std::move(chunk.error()));
    } else if (chunk->empty()) {
      pipe_->close();
    } else {
      bool go_on = pipe_->write(scheduler_, *std::move(chunk));
      if (pipe_ && pipe_->reader_gone()) return let_go();
      if (go_on) read();
      return;
    }
    let_go();
  }

  void drained(bool wanted) {
    if (!wanted) return let_go();
    if (!reading_ && source_) read();
  }

  // Later: this may be a callback of either.
  void let_go() {
    if (!pipe_) return;
    scheduler_.later([self = shared_from_this(), pipe = std::move(pipe_),
                      source = std::move(source_)] { pipe->on_drained = nullptr; });
  }

  runtime::Scheduler& scheduler_;
  std::unique_ptr<ByteSource> source_;
  std::shared_ptr<runtime::BodyPipe> pipe_;
  bool reading_ = false;
};

}  // namespace

class LinkStreams::Outgoing : public std::enable_shared_from_this<Outgoing> {
 public:
  Outgoing(LinkStreams& owner, LinkNumber number, std::unique_ptr<ByteSource> source)
      : owner_(&owner), wire_(owner.wire_), number_(number), source_(std::move(source)) {}

  void go_on() {
    if (busy_) return;  // the loop below sees what changed
    busy_ = true;
    auto keep = shared_from_this();
    while (source_ && !reading_) {
      if (!send_waiting()) break;
      reading_ = true;
      source_->read([weak = weak_from_this()](Result<std::string> chunk) {
        if (auto self = weak.lock()) self->take(std::move(chunk));
      });
    }
    busy_ = false;
  }

  void add_credit(std::uint64_t bytes) {
    credit_ = std::min(credit_ + bytes, std::uint64_t{border::kLinkWindowBytes});
    go_on();
  }

  // Later: this may be a callback of the source.
  void let_go() {
    owner_ = nullptr;
    wire_->scheduler().later([source = std::move(source_)] {});
  }

 private:
  void take(Result<std::string> chunk) {
    reading_ = false;
    if (owner_ == nullptr) return;
    if (!chunk || chunk->empty()) {
      border::LinkStreamEnd end{number_, std::nullopt};
      if (!chunk) end.error = chunk.error().message();
      wire_->send(end);
      auto keep = shared_from_this();
      owner_->outgoing_.erase(number_);
      return let_go();
    }
    waiting_ = *std::move(chunk);
    sent_ = 0;
    go_on();
  }

  // True: the source may be asked for more.
  bool send_waiting() {
    while (sent_ < waiting_.size() && credit_ > 0) {
      std::size_t size = std::min(
          {waiting_.size() - sent_, border::kMaxLinkChunkBytes, static_cast<std::size_t>(credit_)});
      wire_->send(border::LinkChunk{number_, waiting_.substr(sent_, size)});
      sent_ += size;
      credit_ -= size;
    }
    return sent_ == waiting_.size() && credit_ > 0;
  }

  LinkStreams* owner_;  // null once the stream is over
  std::shared_ptr<LinkWire> wire_;
  const LinkNumber number_;
  std::unique_ptr<ByteSource> source_;
  std::uint64_t credit_ = border::kLinkWindowBytes;
  std::string waiting_;
  std::size_t sent_ = 0;  // of `waiting_`
  bool reading_ = false;
  bool busy_ = false;
};

struct LinkStreams::Incoming {
  std::shared_ptr<LinkWire> wire;
  LinkNumber number = 0;
  std::deque<std::string> chunks;
  std::size_t bytes = 0;  // sent to here and not credited yet
  std::size_t taken = 0;  // of them, by the reader
  bool ended = false;
  std::optional<Error> error;
  ByteSource::ReadDone waiting;

  void serve() {
    if (!waiting) return;
    if (!chunks.empty()) {
      std::string chunk = std::move(chunks.front());
      chunks.pop_front();
      taken += chunk.size();
      if (taken >= border::kLinkWindowBytes / 4 && !ended) {
        wire->send(border::LinkCredit{number, taken});
        bytes -= std::exchange(taken, 0);
      }
      std::exchange(waiting, nullptr)(std::move(chunk));
    } else if (error) {
      std::exchange(waiting, nullptr)(fail(Error(*error)));
    } else if (ended) {
      std::exchange(waiting, nullptr)(std::string());
    }
  }
};

class LinkStreams::Reader final : public ByteSource {
 public:
  Reader(std::shared_ptr<Incoming> stream, std::optional<std::uint64_t> length)
      : stream_(std::move(stream)), length_(length) {}
  ~Reader() override {
    if (!stream_->ended) stream_->wire->send(border::LinkStreamCancel{stream_->number});
    stream_->waiting = nullptr;
    stream_->chunks.clear();
  }
  void read(ReadDone done) override {
    auto keep = stream_;  // what is told may destroy this
    keep->waiting = std::move(done);
    keep->serve();
  }
  std::optional<std::uint64_t> length() const override { return length_; }

 private:
  std::shared_ptr<Incoming> stream_;
  std::optional<std::uint64_t> length_;
};

LinkStreams::LinkStreams(std::shared_ptr<LinkWire> wire) : wire_(std::move(wire)) {}

LinkStreams::~LinkStreams() {
  for (auto& [number, stream] : outgoing_) stream->let_go();
}

LinkNumber LinkStreams::send(std::unique_ptr<ByteSource> source) {
  LinkNumber number = wire_->next_number();
  auto stream = std::make_shared<Outgoing>(*this, number, std::move(source));
  outgoing_.emplace(number, stream);
  // Later: the message that names the stream has to leave first.
  wire_->scheduler().later([stream] { stream->go_on(); });
  return number;
}

bool LinkStreams::send_on(LinkNumber number, std::unique_ptr<ByteSource> source) {
  if (!wire_->is_of_other(number)) return false;
  auto stream = std::make_shared<Outgoing>(*this, number, std::move(source));
  if (!outgoing_.emplace(number, stream).second) return false;
  stream->go_on();
  return true;
}

std::unique_ptr<ByteSource> LinkStreams::make_reader(LinkNumber number,
                                                     std::optional<std::uint64_t> length) {
  auto stream = std::make_shared<Incoming>();
  stream->wire = wire_;
  stream->number = number;
  incoming_[number] = stream;
  return std::make_unique<Reader>(std::move(stream), length);
}

std::unique_ptr<ByteSource> LinkStreams::receive(LinkNumber number,
                                                 std::optional<std::uint64_t> length) {
  if (!wire_->is_of_other(number) || incoming_.contains(number)) return nullptr;
  return make_reader(number, length);
}

LinkNumber LinkStreams::receive_into(std::shared_ptr<runtime::BodyPipe> pipe) {
  LinkNumber number = wire_->next_number();
  std::make_shared<Feeder>(wire_->scheduler(), make_reader(number, std::nullopt), std::move(pipe))
      ->start();
  return number;
}

Result<void> LinkStreams::on_chunk(border::LinkChunk chunk) {
  auto found = incoming_.find(chunk.stream);
  if (found == incoming_.end() || chunk.bytes.empty()) return {};
  auto stream = found->second.lock();
  if (!stream) return {};  // until its end arrives: the number stays taken
  stream->bytes += chunk.bytes.size();
  if (stream->bytes > border::kLinkWindowBytes) {
    return fail(invalid_input("more of a stream came than was asked for"));
  }
  stream->chunks.push_back(std::move(chunk.bytes));
  stream->serve();
  return {};
}

void LinkStreams::on_end(border::LinkStreamEnd end) {
  auto found = incoming_.find(end.stream);
  if (found == incoming_.end()) return;
  auto stream = found->second.lock();
  incoming_.erase(found);
  if (!stream) return;
  stream->ended = true;
  if (end.error) stream->error = Error(ErrorKind::Unavailable, std::move(*end.error));
  stream->serve();
}

void LinkStreams::on_cancel(LinkNumber number) {
  auto found = outgoing_.find(number);
  if (found == outgoing_.end()) return;
  auto stream = std::move(found->second);
  outgoing_.erase(found);
  stream->let_go();
  wire_->send(border::LinkStreamEnd{number, std::nullopt});  // the number is free
}

bool LinkStreams::on_credit(LinkNumber number, std::uint64_t bytes) {
  auto found = outgoing_.find(number);
  if (found == outgoing_.end()) return false;
  auto stream = found->second;
  stream->add_credit(bytes);
  return true;
}

void LinkStreams::close(const Error& why) {
  auto outgoing = std::exchange(outgoing_, {});
  for (auto& [number, stream] : outgoing) stream->let_go();
  auto incoming = std::exchange(incoming_, {});
  for (auto& [number, weak] : incoming) {
    auto stream = weak.lock();
    if (!stream) continue;
    stream->ended = true;
    stream->error = why;
    stream->serve();
  }
}

}  // namespace atoll::dispatch
