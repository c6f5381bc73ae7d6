#include "http/client/client_exchange.h"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "http/client/connection_pool.h"
#include "http/client/opening_queue.h"
#include "http/codec/request_writer.h"
#include "http/codec/text_scan.h"

namespace atoll::http {
namespace {

Error connection_lost() { return Error(ErrorKind::Unavailable, "Network connection lost."); }

bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "PUT" ||
         method == "DELETE" || method == "TRACE";
}

AskedMethod asked(std::string_view method) {
  return method == "HEAD" ? AskedMethod::Head : AskedMethod::Other;
}

// `Keep-Alive: timeout=5`: the origin's own limit, less a second for bytes under way.
std::chrono::milliseconds origin_idle(const HeaderBlock& headers, std::chrono::milliseconds most) {
  auto value = headers.find("keep-alive");
  if (!value) return most;
  constexpr std::string_view kTimeout = "timeout=";
  std::size_t at = value->find(kTimeout);
  if (at == std::string_view::npos) return most;
  std::string_view digits = value->substr(at + kTimeout.size());
  digits = digits.substr(0, digits.find_first_not_of("0123456789"));
  auto seconds = parse_length(digits);
  if (!seconds || *seconds > 3600) return most;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*seconds) * 1000 - 1000);
}

}  // namespace

class ClientExchange::ResponseBody final : public ByteSource {
 public:
  ResponseBody(std::shared_ptr<ClientExchange> exchange, std::optional<std::uint64_t> length)
      : exchange_(std::move(exchange)), length_(length) {}
  ~ResponseBody() override { exchange_->reader_ = nullptr; }

  void read(ReadDone done) override { exchange_->read_body(std::move(done)); }
  std::optional<std::uint64_t> length() const override { return length_; }

 private:
  std::shared_ptr<ClientExchange> exchange_;
  std::optional<std::uint64_t> length_;
};

ClientExchange::ClientExchange(boost::asio::io_context& loop, net::Connector& connector,
                               const ClientLimits& limits, std::shared_ptr<ConnectionPool> pool,
                               std::shared_ptr<OpeningQueue> queue, ClientRequest request,
                               Client::Done done)
    : loop_(loop),
      connector_(connector),
      limits_(limits),
      pool_(std::move(pool)),
      queue_(std::move(queue)),
      pool_key_(ConnectionPool::key_of(request.asker, request.target)),
      request_(std::move(request)),
      streams_body_(std::holds_alternative<std::unique_ptr<ByteSource>>(request_.body)),
      done_(std::move(done)),
      continue_timer_(loop),
      parser_(limits_.head) {}

void ClientExchange::start() {
  self_ = shared_from_this();
  if (!use_kept()) connect();
}

bool ClientExchange::use_kept() {
  auto at_most = is_idempotent(request_.method) ? limits_.idle : limits_.fresh;
  std::unique_ptr<net::Stream> kept = pool_->take(pool_key_, at_most);
  is_for_method_ = kept == nullptr;
  if (kept == nullptr) kept = pool_->take(key_for_method(), at_most);
  if (kept == nullptr) return false;
  begin(std::move(kept), true);
  return true;
}

std::string ClientExchange::key_for_method() const { return pool_key_ + " " + request_.method; }

void ClientExchange::refuse() {
  self_ = shared_from_this();
  boost::asio::post(loop_, [weak = weak_from_this()] {
    auto exchange = weak.lock();
    if (exchange == nullptr || !exchange->done_) return;
    exchange->fail_with(invalid_input("The request's method or URL cannot be sent."));
  });
}

void ClientExchange::connect() {
  bool entered = queue_->enter(request_.asker.script_version, [weak = weak_from_this()] {
    auto exchange = weak.lock();
    return exchange != nullptr && exchange->done_ != nullptr && exchange->connect_now();
  });
  if (!entered) {
    boost::asio::post(loop_, [weak = weak_from_this()] {
      auto exchange = weak.lock();
      if (exchange == nullptr || !exchange->done_) return;
      exchange->fail_with(
          Error(ErrorKind::LimitReached, "Too many requests wait for a connection."));
    });
  }
}

bool ClientExchange::connect_now() {
  // After a wait there may be a connection that another request has left behind. One that a kept
  // connection has failed wants a new one.
  if (!is_reused_ && use_kept()) return false;
  connector_.connect(request_.asker, request_.target,
                     [weak = weak_from_this(), queue = queue_,
                      asker = request_.asker.script_version](Result<net::Connection> connection) {
                       auto exchange = weak.lock();
                       if (exchange != nullptr && exchange->done_) {
                         if (connection) exchange->is_for_method_ = connection->is_for_method;
                         connection ? exchange->begin(std::move(connection->stream), false)
                                    : exchange->fail_with(std::move(connection.error()));
                       }
                       queue->done(asker);
                     });
  return true;
}

void ClientExchange::begin(std::unique_ptr<net::Stream> stream, bool is_reused) {
  stream_ = std::move(stream);
  is_reused_ = is_reused;
  parser_.reset(asked(request_.method));
  upload_.emplace(loop_, *stream_, [this](Error error) {
    auto keep = shared_from_this();
    fail_with(std::move(error));
  });
  auto expects = request_.headers.find("expect");
  bool hold_body = expects && equals_lower(*expects, "100-continue") &&
                   !std::holds_alternative<std::monostate>(request_.body);
  upload_->start(request_, hold_body);
  if (hold_body) {
    continue_timer_.expires_after(limits_.continue_wait);
    continue_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      auto exchange = weak.lock();
      if (!error && exchange != nullptr && exchange->upload_) exchange->upload_->send_held_body();
    });
  }
  read_more();
}

void ClientExchange::read_more() {
  stream_->read([this](Result<std::string> chunk) {
    auto keep = shared_from_this();
    on_input(std::move(chunk));
  });
}

void ClientExchange::on_input(Result<std::string> chunk) {
  bool in_head = done_ != nullptr;
  if (!chunk || chunk->empty()) {
    if (in_head && may_retry()) {
      upload_.reset();
      stream_.reset();
      return connect();
    }
    if (!in_head && chunk && framing_ == ResponseFraming::UntilClose) {
      ended_ = true;
      finish_connection();
      return give_body(std::string());
    }
    return fail_with(connection_lost());
  }
  has_received_ = true;
  input_.empty() ? input_ = std::move(*chunk) : input_.append(*chunk);
  in_head ? read_heads() : read_on();
}

bool ClientExchange::may_retry() const {
  // Once somebody has asked it for bytes, a streamed body is gone from the request.
  bool has_body = !streams_body_ || !std::holds_alternative<std::monostate>(request_.body);
  return is_reused_ && !has_received_ && is_idempotent(request_.method) && has_body;
}

void ClientExchange::read_heads() {
  for (;;) {
    switch (parser_.feed(input_)) {
      case HeadProgress::NeedMore:
        return read_more();
      case HeadProgress::Refused:
        return fail_with(invalid_input(std::string("The origin's answer is not HTTP: ") +
                                       parser_.problem() + "."));
      case HeadProgress::Complete:
        break;
    }
    ReceivedHead head = parser_.take();
    input_.erase(0, parser_.consumed());
    parser_.reset(asked(request_.method));
    if (!on_head(std::move(head))) return;
  }
}

bool ClientExchange::on_head(ReceivedHead head) {
  if (head.status >= 200) {
    on_response(std::move(head));
    return false;
  }
  if (head.status == 101) {
    on_upgrade(std::move(head));
    return false;
  }
  if (++interim_responses_ > limits_.interim_responses) {
    fail_with(invalid_input("The origin sent too many interim responses."));
    return false;
  }
  if (head.status == 100) upload_->send_held_body();
  return true;
}

void ClientExchange::on_upgrade(ReceivedHead head) {
  if (!request_.upgrade) {
    return fail_with(invalid_input("The origin switched to a protocol that was not asked for."));
  }
  if (upload_->finished()) return hand_over(std::move(head));
  // The connection is not handed over with a write under way.
  upload_->on_over = [this, head = std::move(head)]() mutable {
    auto keep = shared_from_this();
    hand_over(std::move(head));
  };
}

void ClientExchange::hand_over(ReceivedHead head) {
  upload_.reset();
  ClientResponse response{.status = head.status,
                          .reason = std::move(head.reason),
                          .headers = std::move(head.headers),
                          .body = {},
                          .upgraded = std::move(stream_),
                          .upgraded_input = std::move(input_)};
  answer(std::move(response));
}

void ClientExchange::on_response(ReceivedHead head) {
  continue_timer_.cancel();
  keep_alive_ = head.keep_alive;
  idle_ = origin_idle(head.headers, limits_.idle);
  Result<ClientBody> body = take_body(head);
  if (!body) return fail_with(std::move(body.error()));
  answer(ClientResponse{.status = head.status,
                        .reason = std::move(head.reason),
                        .headers = std::move(head.headers),
                        .body = *std::move(body),
                        .upgraded = nullptr,
                        .upgraded_input = {}});
}

Result<ClientBody> ClientExchange::take_body(const ReceivedHead& head) {
  framing_ = head.framing;
  decoder_ = response_body_decoder(head);
  std::optional<std::uint64_t> length;
  if (framing_ == ResponseFraming::Length) length = head.content_length;
  if (framing_ == ResponseFraming::NoBody || length == 0) {
    ended_ = true;
    finish_connection();
    if (framing_ == ResponseFraming::NoBody) return ClientBody();
    return std::string();
  }
  if (length && input_.size() >= *length) {  // all here already
    auto bytes = decode();
    finish_connection();
    return *std::move(bytes);  // a body of known length cannot be malformed
  }
  if (framing_ == ResponseFraming::Chunked && !input_.empty()) {
    auto bytes = decode();
    if (!bytes) return fail(std::move(bytes.error()));
    if (ended_) {
      finish_connection();
      return *std::move(bytes);
    }
    decoded_ = *std::move(bytes);
  }
  return std::make_unique<ResponseBody>(shared_from_this(), length);
}

void ClientExchange::read_body(ByteSource::ReadDone done) {
  reader_ = std::move(done);
  auto keep = shared_from_this();
  if (!decoded_.empty()) return give_body(std::exchange(decoded_, {}));
  if (ended_) return give_body(std::string());
  if (!stream_) return give_body(fail(connection_lost()));
  input_.empty() ? read_more() : read_on();
}

void ClientExchange::read_on() {
  Result<std::string> chunk = decode();
  if (!chunk) return fail_with(std::move(chunk.error()));
  if (ended_) finish_connection();
  if (chunk->empty() && !ended_) return read_more();
  give_body(std::move(chunk));
}

Result<std::string> ClientExchange::decode() {
  if (framing_ == ResponseFraming::UntilClose) return std::exchange(input_, {});
  if (!decoder_.chunked() && decoder_.bytes_left() >= input_.size()) {
    decoder_.skip(input_.size());
    ended_ = decoder_.ended();
    return std::exchange(input_, {});
  }
  // Slices move to the front of the input, which becomes the chunk.
  std::string_view rest = input_;
  std::size_t size = 0;
  while (!rest.empty() && !decoder_.ended()) {
    BodyStep step = decoder_.next(rest);
    if (step.progress == BodyProgress::Malformed) {
      return fail(invalid_input("The origin sent a malformed chunked body."));
    }
    std::copy(step.data.begin(), step.data.end(), input_.begin() + static_cast<long>(size));
    size += step.data.size();
    rest.remove_prefix(step.consumed);
  }
  ended_ = decoder_.ended();
  std::string left(rest);
  input_.resize(size);
  return std::exchange(input_, std::move(left));
}

void ClientExchange::give_body(Result<std::string> chunk) {
  if (reader_) std::exchange(reader_, nullptr)(std::move(chunk));
}

void ClientExchange::finish_connection() {
  // The response may be read before the stream has told that the request is sent.
  if (keep_alive_ && input_.empty() && upload_ && upload_->is_on_its_last_write()) {
    self_ = shared_from_this();
    lingers_ = true;
    upload_->on_over = [this] {
      auto self = std::move(self_);
      lingers_ = false;
      finish_connection();
    };
    return;
  }
  bool is_clean = upload_ && upload_->finished() && input_.empty();
  upload_.reset();
  if (keep_alive_ && is_clean) {
    pool_->keep(is_for_method_ ? key_for_method() : pool_key_, std::move(stream_), idle_);
  }
  stream_.reset();
}

void ClientExchange::fail_with(Error error) {
  upload_.reset();
  stream_.reset();
  if (done_) return answer(fail(std::move(error)));
  give_body(fail(std::move(error)));
}

void ClientExchange::answer(Result<ClientResponse> result) {
  auto self = lingers_ ? self_ : std::move(self_);
  if (!upload_ || upload_->finished()) request_ = {};
  std::exchange(done_, nullptr)(std::move(result));
}

void ClientExchange::cancel() {
  if (!done_) return;
  done_ = nullptr;
  continue_timer_.cancel();
  upload_.reset();
  stream_.reset();
  self_.reset();
}

}  // namespace atoll::http
