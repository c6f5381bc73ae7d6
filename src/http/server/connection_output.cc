// The sending half of Connection.
#include "http/server/connection.h"
#include "http/server/request_body.h"
#include "http/server/request_handler.h"
#include "http/server/server_core.h"

namespace atoll::http {
namespace {

constexpr std::size_t kOutputBytes = 16 * 1024;  // gathered before it has to be written

}  // namespace

bool Connection::output_full() const { return output_.size() >= kOutputBytes; }

void Connection::begin_response(const ResponseHead& head, ResponseFraming framing,
                                std::optional<std::uint64_t> body_length) {
  response_begun_ = true;
  framing_ = framing;
  // A client that still waits for 100 Continue may send its body or not: there is no telling.
  bool body_unread = !body_.ended() && !body_taken_;
  if (body_unread && (expects_continue_ || body_.bytes_left() > kMaxDrainBytes)) {
    keep_alive_ = false;
  }
  if (framing == ResponseFraming::UntilClose || core_.draining()) keep_alive_ = false;
  append_response_head(output_.tail(), head,
                       {.framing = framing,
                        .body_length = body_length,
                        .request = traits_,
                        .close = !keep_alive_,
                        .date_line = core_.date_line()});
}

void Connection::respond(ResponseHead head, std::string body) {
  if (!awaits_answer()) return;
  Turn turn(*this);
  ResponseFraming framing = choose_framing(head.status, traits_, body.size());
  if (body.size() > kOutputBytes && framing == ResponseFraming::Length &&
      !core_.has_room_for(body.size())) {
    return refuse(503, "too many answers wait to be taken");
  }
  begin_response(head, framing, body.size());
  if (framing == ResponseFraming::Length) output_.carry(std::move(body));
  finish_response();
}

void Connection::respond(ResponseHead head, std::unique_ptr<ByteSource> body) {
  if (!awaits_answer()) return;
  if (!body) return respond(std::move(head), std::string());
  Turn turn(*this);
  std::optional<std::uint64_t> length = body->length();
  ResponseFraming framing = choose_framing(head.status, traits_, length);
  begin_response(head, framing, length);
  if (framing == ResponseFraming::NoBody) return finish_response();
  response_left_ = length.value_or(0);
  source_ = std::move(body);
  source_pending_ = false;  // the end of the turn pulls
}

std::unique_ptr<ByteChannel> Connection::upgrade(ResponseHead head) {
  bool can_upgrade = body_.ended() && !peer_finished_ && !core_.draining();
  if (!awaits_answer() || !can_upgrade) return nullptr;
  Turn turn(*this);
  append_upgrade_head(output_.tail(), head, core_.date_line());
  if (exchange_ != nullptr) std::exchange(exchange_, nullptr)->connection_ = nullptr;
  gone_ = nullptr;
  phase_ = Phase::Closed;
  auto channel =
      core_.adopt(std::move(socket_), std::string(input_.view()), std::exchange(output_, {}));
  input_.clear();
  account();
  core_.bury(*this);
  return channel;
}

void Connection::finish_response() {
  response_begun_ = false;
  if (exchange_ != nullptr) std::exchange(exchange_, nullptr)->connection_ = nullptr;
  if (reader_ != nullptr) std::exchange(reader_, nullptr)->detach();
  auto unwanted_callback = std::exchange(gone_, nullptr);
  auto read_done = std::exchange(read_done_, nullptr);
  core_.retire(std::move(source_));

  if (!keep_alive_) {
    close_after_output(!body_.ended() || !input_.empty());
  } else if (!body_.ended()) {
    phase_ = Phase::Drain;
    body_bytes_ = 0;
    read_deadline_ = core_.deadline_after(core_.limits().body_read_timeout);
  } else {
    next_request();
  }
  if (read_done) {
    read_done(fail(Error(ErrorKind::Unavailable, "reading the request body: it was answered")));
  }
}

void Connection::exchange_dropped() {
  exchange_ = nullptr;
  if (!awaits_answer()) return;
  Turn turn(*this);
  refuse(500, "no answer was given");
}

void Connection::refuse(int status, const char* reason) {
  ErrorPage page = core_.handler().on_refused(status, reason);
  if (phase_ == Phase::Head) traits_ = {};  // the head was not understood
  keep_alive_ = false;
  ResponseHead head{.status = status, .headers = std::move(page.headers)};
  ResponseFraming framing = choose_framing(status, traits_, page.body.size());
  begin_response(head, framing, page.body.size());
  if (framing == ResponseFraming::Length) output_.carry(std::move(page.body));
  finish_response();
  must_linger_ = true;  // more of the request may be on its way
}

void Connection::pump_response() {
  while (source_ && !source_pending_ && !output_full()) {
    source_pending_ = true;
    source_->read([this](Result<std::string> chunk) { on_chunk(std::move(chunk)); });
  }
}

void Connection::on_chunk(Result<std::string> chunk) {
  source_pending_ = false;
  if (!source_) return;  // closed meanwhile
  Turn turn(*this);
  if (!chunk) return abort();
  if (chunk->empty()) return end_of_source();
  switch (framing_) {
    case ResponseFraming::Length:
      if (chunk->size() > response_left_) return abort();
      response_left_ -= chunk->size();
      return output_.carry(std::move(*chunk));
    case ResponseFraming::Chunked:
      append_chunk_size(output_.tail(), chunk->size());
      output_.carry(std::move(*chunk));
      return output_.append(kChunkEnd);
    default:
      return output_.carry(std::move(*chunk));
  }
}

void Connection::end_of_source() {
  if (framing_ == ResponseFraming::Length && response_left_ > 0) return abort();
  if (framing_ == ResponseFraming::Chunked) output_.append(kLastChunk);
  finish_response();
}

}  // namespace atoll::http
