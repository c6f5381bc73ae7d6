#include "http/server/connection.h"

#include <sys/socket.h>

#include "http/server/handover.h"
#include "http/server/request_body.h"
#include "http/server/server_core.h"

namespace atoll::http {
namespace {

// Rounds of serving and writing in one turn before other connections get theirs.
constexpr int kRoundsPerTurn = 16;

}  // namespace

Connection::Connection(ServerCore& core, UniqueFd socket, ClientAddress client)
    : core_(core),
      socket_(std::move(socket)),
      client_(std::move(client)),
      parser_(core.limits().head) {}

Connection::~Connection() = default;

bool Connection::start() {
  watched_ = EPOLLIN | EPOLLRDHUP;
  read_deadline_ = core_.deadline_after(core_.limits().idle_timeout);
  may_be_given_.store(true, std::memory_order_relaxed);
  return core_.poller().add(socket_.get(), watched_, *this);
}

void Connection::on_ready(std::uint32_t events) {
  if (phase_ == Phase::Closed) return;
  if (events & (EPOLLERR | EPOLLHUP)) return close();
  Turn turn(*this);
  if (events & (EPOLLIN | EPOLLRDHUP)) {
    on_readable(events);
  } else if (body_goes_on_) {
    pump_body();
  }
  // Writing is what the end of the turn does anyway.
}

void Connection::on_tick() {
  bool write_due = write_deadline_ != 0 && core_.is_due(write_deadline_);
  bool read_due = read_deadline_ != 0 && core_.is_due(read_deadline_);
  if (!write_due && !read_due) return;
  if (write_due) return close();
  if (phase_ == Phase::Head && !output_.empty()) {
    // Not idle: a long answer is still on its way.
    read_deadline_ = core_.deadline_after(core_.limits().idle_timeout);
    return;
  }

  Turn turn(*this);
  read_deadline_ = 0;
  if (phase_ == Phase::Exchange) {
    fail_body(408, "the request body stopped arriving");
  } else if (phase_ == Phase::Head && head_begun_) {
    refuse(408, "the request head did not arrive in time");
  } else if (phase_ == Phase::Drain) {
    close_after_output(true);
  } else {
    close();
  }
}

void Connection::on_drain() {
  // A request may have arrived that was not read yet; it is served. Else end_turn() closes.
  Turn turn(*this);
  if (phase_ == Phase::Head) receive();
}

void Connection::end_turn() {
  for (int round = 1; phase_ != Phase::Closed; ++round) {
    serve_input();
    if (phase_ != Phase::Closed) pump_response();
    held_ = phase_ != Phase::Closed && may_hold_output() && core_.hold(*this);
    if (held_) break;
    if (phase_ != Phase::Closed) flush();
    if (phase_ == Phase::Closed) break;
    wake_again_ = can_go_on();
    if (!wake_again_ || round == kRoundsPerTurn) break;
  }
  if (phase_ == Phase::Head && output_.empty() && (input_.empty() || head_waits_)) {
    if (peer_finished_ || (core_.draining() && input_.empty())) close();
  }
  input_.settle();
  if (phase_ != Phase::Closed && !held_) update_interest();
  account();
  in_turn_ = false;
  bool is_quiet = phase_ == Phase::Head && !held_ && !head_begun_ && !half_close_seen_ &&
                  !wake_again_ && accounted_ == 0;
  may_be_given_.store(is_quiet, std::memory_order_relaxed);
}

bool Connection::give_away(int queue_in, std::uint32_t events) {
  if (events != EPOLLIN || !may_be_given_.load(std::memory_order_relaxed)) return true;
  core_.poller().remove(socket_.get());
  if (!hand_over(queue_in, socket_.get())) {
    (void)core_.poller().add(socket_.get(), watched_, *this);
    return false;
  }
  may_be_given_.store(false, std::memory_order_relaxed);
  phase_ = Phase::Closed;
  socket_.reset();
  core_.note_given(*this);
  return true;
}

void Connection::flush_for_core() {
  if (phase_ == Phase::Head && socket_) (void)output_.flush(socket_.get());
}

void Connection::account() {
  std::size_t now = bytes_buffered();
  if (now == accounted_) return;
  core_.account(accounted_, now);
  accounted_ = now;
}

void Connection::say_last_words(std::string_view response) {
  if (phase_ == Phase::Closed || !socket_) return;
  bool whole =
      output_.empty() || output_.flush(socket_.get()).outcome == OutputBuffer::Outcome::Drained;
  if (whole && awaits_answer()) {
    (void)::send(socket_.get(), response.data(), response.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  ::shutdown(socket_.get(), SHUT_WR);
}

void Connection::send_held() {
  if (phase_ != Phase::Closed) Turn turn(*this);
}

// A whole answer, and the client's turn to speak: nobody here waits for it to be written.
bool Connection::may_hold_output() const {
  return phase_ == Phase::Head && !output_.empty() && !output_full();
}

bool Connection::can_go_on() const {
  if (!output_.empty()) return false;
  if (source_) return !source_pending_;
  return phase_ == Phase::Head && !input_.empty() && !head_waits_;
}

bool Connection::wants_input() const {
  switch (phase_) {
    case Phase::Head:
      return !output_full();
    case Phase::Exchange:
      return read_done_ != nullptr;
    case Phase::Drain:
    case Phase::Linger:
      return true;
    default:
      return false;
  }
}

// Watching for input goes on while nobody wants any, until some arrives: mostly none does before
// the answer is out, and two system calls a request are saved.
void Connection::update_interest() {
  if (wants_input()) input_unwanted_ = false;
  std::uint32_t events = 0;
  if (!peer_finished_ && !input_unwanted_) events |= EPOLLIN;
  if (!peer_finished_ && !half_close_seen_) events |= EPOLLRDHUP;
  if (!output_.empty() || wake_again_ || body_goes_on_) events |= EPOLLOUT;
  if (events == watched_) return;
  watched_ = events;
  core_.poller().change(socket_.get(), events, *this);
}

void Connection::flush() {
  OutputBuffer::Flush flush = output_.flush(socket_.get());
  switch (flush.outcome) {
    case OutputBuffer::Outcome::Broken:
      return close();
    case OutputBuffer::Outcome::Blocked:
      if (flush.sent > 0 || write_deadline_ == 0) {
        write_deadline_ = core_.deadline_after(core_.limits().write_timeout);
      }
      return;
    case OutputBuffer::Outcome::Drained:
      write_deadline_ = 0;
      break;
  }
  if (phase_ != Phase::Closing) return;
  if (!must_linger_ || peer_finished_) return close();
  ::shutdown(socket_.get(), SHUT_WR);
  phase_ = Phase::Linger;
  read_deadline_ = core_.deadline_after(core_.limits().linger_timeout);
}

void Connection::close_after_output(bool linger) {
  phase_ = Phase::Closing;
  must_linger_ = linger;
  read_deadline_ = 0;
}

void Connection::notify_gone() {
  if (auto gone = std::exchange(gone_, nullptr)) gone();
}

void Connection::close() {
  if (phase_ == Phase::Closed) return;
  phase_ = Phase::Closed;
  core_.poller().remove(socket_.get());
  socket_.reset();
  input_.clear();
  output_.clear();
  account();
  if (exchange_ != nullptr) std::exchange(exchange_, nullptr)->connection_ = nullptr;
  if (reader_ != nullptr) std::exchange(reader_, nullptr)->detach();
  auto read_done = std::exchange(read_done_, nullptr);
  auto gone = std::exchange(gone_, nullptr);
  core_.retire(std::move(source_));
  core_.bury(*this);
  if (read_done) {
    read_done(fail(Error(ErrorKind::Unavailable,
                         "reading the request body: the client closed the connection")));
  }
  if (gone) gone();
}

void Connection::abort() {
  if (phase_ == Phase::Closed) return;
  gone_ = nullptr;
  output_.flush(socket_.get());
  if (response_begun_ && framing_ == ResponseFraming::UntilClose) {
    // An orderly close would look like the body's end.
    linger reset{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  close();
}

}  // namespace atoll::http
