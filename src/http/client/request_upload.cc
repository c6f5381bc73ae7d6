#include "http/client/request_upload.h"

#include <boost/asio/post.hpp>

#include "http/codec/chunked.h"
#include "http/codec/request_writer.h"

namespace atoll::http {
namespace {

// A body up to this size goes out in one write with the head.
constexpr std::size_t kJoinedBytes = 16 << 10;

bool has_no_meaning_for_body(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE";
}

}  // namespace

RequestUpload::~RequestUpload() { stop(); }

void RequestUpload::start(ClientRequest& request, bool hold_body) {
  request_ = &request;
  hold_ = hold_body;
  RequestHeadOptions options{.method = request.method,
                             .path = request.path,
                             .host = request.host_header,
                             .upgrade = request.upgrade};
  const auto* bytes = std::get_if<std::string>(&request.body);
  const auto* source = std::get_if<std::unique_ptr<ByteSource>>(&request.body);
  if (source != nullptr && *source != nullptr) {
    std::optional<std::uint64_t> length = (*source)->length();
    is_chunked_ = !length;
    left_ = length.value_or(0);
    options.framing = is_chunked_ ? BodyFraming::Chunked : BodyFraming::Length;
    options.body_length = left_;
  } else if (bytes != nullptr || !has_no_meaning_for_body(request.method)) {
    options.framing = BodyFraming::Length;
    options.body_length = bytes != nullptr ? bytes->size() : 0;
  }
  std::string head;
  append_request_head(head, request.headers, options);
  if (source != nullptr && *source != nullptr) return write(std::move(head));
  if (bytes == nullptr || bytes->empty()) {
    ends_with_write_ = true;
  } else if (!hold_ && bytes->size() <= kJoinedBytes) {
    head.append(*bytes);
    ends_with_write_ = true;
  }
  write(std::move(head));
}

void RequestUpload::send_held_body() {
  hold_ = false;
  if (state_ == State::Held) begin_body();
}

void RequestUpload::write(std::string bytes) {
  stream_.write(std::move(bytes), [this](const Result<void>& taken) { on_written(bool(taken)); });
}

void RequestUpload::on_written(bool taken) {
  if (!taken) {
    stop();
    return be_over(State::Stopped);
  }
  if (ends_with_write_) {
    be_over(State::Finished);
  } else if (state_ == State::Head) {
    hold_ ? void(state_ = State::Held) : begin_body();
  } else if (state_ == State::Body) {
    pull();
  }
}

void RequestUpload::be_over(State state) {
  state_ = state;
  // Kept alive here: what is called may destroy this object.
  if (auto told = std::exchange(on_over, nullptr)) told();
}

void RequestUpload::break_off(Error error) {
  // Called from here, because it may destroy this object and what it holds.
  auto failed = std::move(on_failure_);
  failed(std::move(error));
}

void RequestUpload::begin_body() {
  state_ = State::Body;
  if (const auto* bytes = std::get_if<std::string>(&request_->body)) {
    ends_with_write_ = true;
    return write(*bytes);
  }
  source_ = std::move(std::get<std::unique_ptr<ByteSource>>(request_->body));
  request_->body = std::monostate();
  pull();
}

void RequestUpload::pull() {
  // A source that was given up goes a little later, and may answer before.
  source_->read([weak = std::weak_ptr(alive_), this](Result<std::string> chunk) {
    if (!weak.expired()) on_chunk(std::move(chunk));
  });
}

void RequestUpload::on_chunk(Result<std::string> chunk) {
  if (state_ != State::Body) return;
  if (!chunk) return break_off(std::move(chunk.error()));
  if (chunk->empty()) {
    if (is_chunked_) {
      ends_with_write_ = true;
      return write(std::string(kLastChunk));
    }
    if (left_ > 0) {
      return break_off(invalid_input("The request body is shorter than its Content-Length."));
    }
    return be_over(State::Finished);
  }
  if (is_chunked_) {
    std::string framed;
    framed.reserve(chunk->size() + 32);
    append_chunk_size(framed, chunk->size());
    framed.append(*chunk).append(kChunkEnd);
    return write(std::move(framed));
  }
  if (chunk->size() > left_) {
    return break_off(invalid_input("The request body is longer than its Content-Length."));
  }
  left_ -= chunk->size();
  ends_with_write_ = left_ == 0;
  write(std::move(*chunk));
}

void RequestUpload::stop() {
  if (state_ != State::Finished) state_ = State::Stopped;
  // It may be on the stack: what it tells its destructor's caller must not come back here now.
  if (source_) boost::asio::post(loop_, [source = std::move(source_)] {});
}

}  // namespace atoll::http
