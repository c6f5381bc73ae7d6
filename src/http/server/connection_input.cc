// The receiving half of Connection.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "http/server/connection.h"
#include "http/server/request_body.h"
#include "http/server/server_core.h"

namespace atoll::http {
namespace {

constexpr std::size_t kReadAheadBytes = 16 * 1024;  // pipelined requests held during an answer
constexpr int kBodyChunksPerTurn = 16;              // before other connections get their turn
constexpr std::size_t kBodyChunkBytes = 64 * 1024;  // most that one read hands out

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

void Connection::on_readable(std::uint32_t events) {
  switch (phase_) {
    case Phase::Head:
      if (output_full()) {
        input_unwanted_ = true;
      } else {
        receive();
      }
      break;
    case Phase::Drain:
      receive();
      break;
    case Phase::Linger:
      discard_input();
      break;
    case Phase::Exchange:
      if (read_done_) {
        pump_body();
      } else if (!body_.ended() || input_.size() >= kReadAheadBytes) {
        input_unwanted_ = true;
      } else {
        receive();
      }
      break;
    default:
      input_unwanted_ = true;
  }
  if (events & EPOLLRDHUP && !std::exchange(half_close_seen_, true)) {
    if (phase_ == Phase::Exchange) notify_gone();
  }
}

void Connection::receive() {
  std::span<char> buffer = core_.read_buffer();
  ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size > 0) {
    input_.lend({buffer.data(), static_cast<std::size_t>(size)});
    head_waits_ = false;
  } else if (size == 0) {
    peer_finished_ = true;
    if (phase_ == Phase::Exchange) notify_gone();
    if (phase_ == Phase::Drain) close_after_output(false);
  } else if (!would_block(errno)) {
    close();
  }
}

void Connection::discard_input() {
  std::span<char> buffer = core_.read_buffer();
  ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size == 0 || (size < 0 && !would_block(errno))) close();
}

void Connection::serve_input() {
  for (;;) {
    if (phase_ == Phase::Head) {
      if (input_.empty() || head_waits_ || output_full()) return;
      read_head();
    } else if (phase_ != Phase::Drain || !drain_body()) {
      return;
    }
  }
}

void Connection::read_head() {
  switch (parser_.feed(input_.view())) {
    case HeadProgress::NeedMore:
      head_waits_ = true;
      if (!std::exchange(head_begun_, true)) {
        read_deadline_ = core_.deadline_after(core_.limits().header_timeout);
      }
      if (!core_.has_room_for(input_.size())) refuse(503, "too many requests are under way");
      return;
    case HeadProgress::Refused:
      return refuse(parser_.refusal().status, parser_.refusal().reason);
    case HeadProgress::Complete:
      input_.consume(parser_.consumed());
      begin_exchange(parser_.take());
  }
}

void Connection::begin_exchange(RequestHead head) {
  phase_ = Phase::Exchange;
  read_deadline_ = 0;
  head_begun_ = false;
  traits_ = {.is_head = head.method == "HEAD", .minor_version = head.minor_version};
  keep_alive_ = head.keep_alive;
  expects_continue_ = head.expect_continue;
  body_taken_ = false;
  body_ = BodyDecoder(head.framing, head.content_length);
  body_bytes_ = 0;
  core_.count_request();
  if (body_.bytes_left() > core_.limits().request_body_bytes) {
    return refuse(413, "the request body is too large");
  }
  auto exchange = std::make_shared<Exchange>(*this, std::move(head), !body_.ended(), client_);
  exchange_ = exchange.get();
  core_.handler().on_request(std::move(exchange));
}

void Connection::next_request() {
  phase_ = Phase::Head;
  parser_.reset();
  head_waits_ = false;
  read_deadline_ = core_.deadline_after(core_.limits().idle_timeout);
}

// Reads the rest of a request body that nobody wanted. True when the phase has changed.
bool Connection::drain_body() {
  for (;;) {
    BodyStep step = body_.next(input_.view());
    input_.consume(step.consumed);
    body_bytes_ += step.data.size();
    if (step.progress == BodyProgress::NeedMore) return false;
    if (step.progress == BodyProgress::End) {
      next_request();
      return true;
    }
    if (step.progress == BodyProgress::Malformed || body_bytes_ > kMaxDrainBytes) {
      close_after_output(true);
      return true;
    }
  }
}

std::unique_ptr<ByteSource> Connection::take_body() {
  body_taken_ = true;
  std::optional<std::uint64_t> length;
  if (!body_.chunked()) length = body_.bytes_left();
  auto body = std::make_unique<RequestBody>(this, length);
  reader_ = body.get();
  return body;
}

void Connection::body_dropped() {
  reader_ = nullptr;
  read_deadline_ = 0;
  // The pending callback may own things whose destructors come back here.
  auto dropped = std::exchange(read_done_, nullptr);
}

void Connection::read_body(ByteSource::ReadDone done) {
  Turn turn(*this);
  read_done_ = std::move(done);
  pump_body();
}

// Serves reads for as long as the consumer asks for more at once. A loop here, so that such a
// consumer does not recurse, however long the body is.
void Connection::pump_body() {
  if (std::exchange(pumping_body_, true)) return;
  int chunks = 0;
  while (read_done_ && chunks < kBodyChunksPerTurn && pump_body_once()) ++chunks;
  body_goes_on_ = read_done_ && chunks == kBodyChunksPerTurn;
  pumping_body_ = false;
}

// False when there is nothing to hand out, for now or for good.
bool Connection::pump_body_once() {
  std::string chunk;
  if (!decode_buffered(chunk)) {
    fail_body(400, "a malformed chunked body");
    return false;
  }
  if (chunk.empty() && !body_.ended()) {
    if (!receive_body(chunk)) return false;
    if (chunk.empty() && !body_.ended()) {  // nothing there yet
      if (read_deadline_ == 0) {
        read_deadline_ = core_.deadline_after(core_.limits().body_read_timeout);
      }
      if (std::exchange(expects_continue_, false) && !response_begun_) {
        output_.append("HTTP/1.1 100 Continue\r\n\r\n");
      }
      return false;
    }
  }
  read_deadline_ = 0;
  expects_continue_ = false;
  body_bytes_ += chunk.size();
  if (body_bytes_ > core_.limits().request_body_bytes) {
    fail_body(413, "the request body is too large");
    return false;
  }
  if (body_.ended()) reader_->note_end();
  auto done = std::exchange(read_done_, nullptr);
  done(std::move(chunk));
  return true;
}

// Takes body bytes out of the input that is already here. False when they are malformed.
bool Connection::decode_buffered(std::string& chunk) {
  while (!input_.empty() && !body_.ended() && chunk.size() < kBodyChunkBytes) {
    BodyStep step = body_.next(input_.view());
    if (step.progress == BodyProgress::Malformed) return false;
    chunk.append(step.data);
    input_.consume(step.consumed);
  }
  return true;
}

// Reads body bytes straight into `chunk`. False when the body has failed.
bool Connection::receive_body(std::string& chunk) {
  std::size_t wanted = kBodyChunkBytes;
  if (!body_.chunked() && body_.bytes_left() < wanted) wanted = body_.bytes_left();
  ssize_t received = 0;
  int error = 0;
  chunk.resize_and_overwrite(wanted, [&](char* data, std::size_t size) {
    received = ::recv(socket_.get(), data, size, MSG_DONTWAIT);
    if (received < 0) error = errno;
    return static_cast<std::size_t>(std::max<ssize_t>(received, 0));
  });
  if (received == 0 || (received < 0 && !would_block(error))) {
    close();
    return false;
  }
  if (body_.chunked()) {
    if (!decode_in_place(chunk)) {
      fail_body(400, "a malformed chunked body");
      return false;
    }
  } else {
    body_.skip(chunk.size());
  }
  if (chunk.capacity() > 2 * chunk.size() + 64) chunk.shrink_to_fit();
  return true;
}

// Strips the chunked framing; bytes behind the body's end go back to the input.
bool Connection::decode_in_place(std::string& chunk) {
  std::string_view rest = chunk;
  std::size_t kept = 0;
  while (!rest.empty() && !body_.ended()) {
    BodyStep step = body_.next(rest);
    if (step.progress == BodyProgress::Malformed) return false;
    if (!step.data.empty()) std::memmove(chunk.data() + kept, step.data.data(), step.data.size());
    kept += step.data.size();
    rest.remove_prefix(step.consumed);
  }
  if (!rest.empty()) input_.append(rest);
  chunk.resize(kept);
  return true;
}

// The body will not be had. The client is told, unless its answer has begun.
void Connection::fail_body(int status, const char* reason) {
  keep_alive_ = false;
  auto done = std::exchange(read_done_, nullptr);
  if (reader_ != nullptr) std::exchange(reader_, nullptr)->detach();
  if (!response_begun_) refuse(status, reason);
  ErrorKind kind = status == 413   ? ErrorKind::LimitReached
                   : status == 408 ? ErrorKind::Unavailable
                                   : ErrorKind::InvalidInput;
  if (done) done(fail(Error(kind, std::string("reading the request body: ") + reason)));
}

}  // namespace atoll::http
