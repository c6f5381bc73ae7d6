#include "dispatch/links/link.h"

#include "dispatch/links/remote.h"
#include "dispatch/links/stream_bytes.h"
#include "net/stream_pair.h"

namespace atoll::dispatch {

using border::LinkNumber;
using border::LinkTarget;

namespace {

constexpr std::size_t kMaxCalls = 20'000;  // under way at once in one direction
constexpr auto kLastOutcome = static_cast<std::uint8_t>(runtime::Outcome::LoadShed);

runtime::Failure too_many() {
  return {runtime::Outcome::InternalError, "Error",
          "Too many requests are under way to this Worker.", "", false};
}

void fail_waiting(auto& waiting, runtime::Failure failure) {
  std::visit([&](auto& one) { one->on_failure(std::move(failure)); }, waiting);
}

}  // namespace

std::shared_ptr<Link> Link::open(runtime::Scheduler& scheduler, UniqueFd socket, LinkSide side,
                                 Owner& owner) {
  return std::shared_ptr<Link>(new Link(scheduler, std::move(socket), side, owner));
}

Link::Link(runtime::Scheduler& scheduler, UniqueFd socket, LinkSide side, Owner& owner)
    : scheduler_(scheduler),
      owner_(owner),
      wire_(std::make_shared<LinkWire>(scheduler, std::move(socket), side,
                                       static_cast<border::Channel::Handler&>(*this))),
      streams_(wire_),
      sockets_(wire_) {}

Link::~Link() { wire_->close(); }

void Link::deliver(border::Handle script, std::string entrypoint, runtime::Event& event) {
  RemoteScriptTarget target(*this, script, std::move(entrypoint));
  event.pass_on(target);
}

// ---- Calls to the other side --------------------------------------------------------------------

void Link::fail_later(Waiting waiting, runtime::Failure failure) {
  scheduler_.later([waiting = std::move(waiting), failure = std::move(failure)]() mutable {
    fail_waiting(waiting, std::move(failure));
  });
}

bool Link::expect(LinkNumber number, Waiting waiting) {
  bool full = waiting_.size() >= kMaxCalls;
  if (!wire_->is_open() || full) {
    fail_later(std::move(waiting), full ? too_many() : link_lost());
    return false;
  }
  waiting_.emplace(number, std::move(waiting));
  return true;
}

border::LinkCall Link::head(LinkNumber number, const Target& target,
                            const runtime::CallOptions& options) {
  border::LinkCall message;
  message.call = number;
  message.target = target.kind;
  message.number = target.number;
  message.entrypoint = target.entrypoint;
  message.options = encode(options);
  return message;
}

void Link::call(const Target& target, runtime::HttpRequest request, runtime::CallOptions options,
                std::unique_ptr<runtime::ResponseReceiver> receiver) {
  LinkNumber number = wire_->next_number();
  runtime::ResponseReceiver& told = *receiver;
  if (!expect(number, std::move(receiver))) return;
  border::LinkCall message = head(number, target, options);
  message.fetch = {std::move(request.method), std::move(request.url),
                   std::string(request.headers.raw()), encode(std::move(request.body)),
                   request.follow_redirects};
  wire_->send(message);
  told.on_begun([weak = weak_from_this(), number] {
    if (auto self = weak.lock()) self->cancel(number);
  });
}

void Link::rpc(const Target& target, runtime::RpcCall call, runtime::CallOptions options,
               std::unique_ptr<runtime::RpcReturn> back) {
  LinkNumber number = wire_->next_number();
  runtime::RpcReturn& told = *back;
  if (!expect(number, std::move(back))) return;
  border::LinkCall message = head(number, target, options);
  message.rpc = encode(std::move(call));
  wire_->send(message);
  told.on_begun([weak = weak_from_this(), number] {
    if (auto self = weak.lock()) self->cancel(number);
  });
}

void Link::connect(const Target& target, runtime::SocketRequest request,
                   runtime::CallOptions options, net::Connector::ConnectDone done) {
  LinkNumber number = wire_->next_number();
  auto [given, coupled] = net::make_stream_pair(scheduler_.loop());
  auto connecting = std::make_unique<Connecting>();
  connecting->done = std::move(done);
  connecting->coupled = std::move(coupled);
  connecting->given = std::move(given);
  std::shared_ptr<net::Stream> stream = connecting->coupled;
  if (!expect(number, std::move(connecting))) return;
  border::LinkCall message = head(number, target, options);
  border::LinkConnect& connect = message.connect.emplace();
  connect.host = std::move(request.target.host);
  connect.port = request.target.port;
  if (request.target.tls) connect.tls_server_name = std::move(request.target.tls->server_name);
  connect.authority = std::move(request.authority);
  connect.stream = streams_.send(bytes_from(std::move(stream)));
  wire_->send(message);
}

Result<void> Link::on_connected(std::unique_ptr<Connecting> connecting,
                                border::LinkResponse answer) {
  auto source = streams_.receive(answer.body.stream, std::nullopt);
  if (!source) {
    connecting->on_failure(link_lost());
    return fail(invalid_input("a stream's number is taken"));
  }
  bytes_into(std::move(source), std::move(connecting->coupled));
  connecting->done(net::Connection{std::move(connecting->given), std::move(answer.remote_address),
                                   std::move(answer.local_address)});
  return {};
}

Result<std::unique_ptr<runtime::Event>> Link::connect_event(const border::LinkCall& call,
                                                            runtime::CallOptions options) {
  const border::LinkConnect& connect = *call.connect;
  if (connect.port > 65'535) return fail(invalid_input("no such port"));
  auto sent = streams_.receive(connect.stream, std::nullopt);
  if (!sent) return fail(invalid_input("a stream's number is taken"));
  runtime::SocketRequest request{
      {connect.host, static_cast<std::uint16_t>(connect.port), std::nullopt}, connect.authority};
  if (connect.tls_server_name) request.target.tls = net::TlsOptions{*connect.tls_server_name, {}};
  return runtime::connect_event(
      std::move(request), std::move(options),
      [weak = weak_from_this(), number = call.call,
       sent = std::move(sent)](Result<net::Connection> connection) mutable {
        auto self = weak.lock();
        if (!self) return;
        if (connection) return self->answer(number, *std::move(connection), std::move(sent));
        self->answer(number, runtime::Failure{runtime::Outcome::Exception, "Error",
                                              connection.error().message(), "", false});
      });
}

void Link::answer(LinkNumber call, net::Connection connection, std::unique_ptr<ByteSource> sent) {
  std::shared_ptr<net::Stream> stream = std::move(connection.stream);
  border::LinkResponse message;
  message.call = call;
  message.body.kind = border::LinkBodyKind::Stream;
  message.body.stream = streams_.send(bytes_from(stream));
  message.remote_address = std::move(connection.remote_address);
  message.local_address = std::move(connection.local_address);
  bytes_into(std::move(sent), std::move(stream));
  answering_.erase(call);
  wire_->send(message);
}

void Link::cancel(LinkNumber call) {
  auto waiting = take_waiting(call);
  if (!waiting) return;
  wire_->send(border::LinkCancel{call});
  // Later: it may be the receiver itself that cancels.
  scheduler_.later([waiting = std::move(waiting)] {});
}

std::optional<Link::Waiting> Link::take_waiting(LinkNumber call) {
  auto found = waiting_.find(call);
  if (found == waiting_.end()) return std::nullopt;
  Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  return waiting;
}

// An answer that nobody waits for is still decoded: dropping it tells the other side.
Result<void> Link::on_response(border::LinkResponse answer) {
  auto asked = waiting_.find(answer.call);
  if (asked != waiting_.end()) {
    if (auto* connecting = std::get_if<std::unique_ptr<Connecting>>(&asked->second)) {
      auto taken = std::move(*connecting);
      waiting_.erase(asked);
      return on_connected(std::move(taken), std::move(answer));
    }
  }
  auto headers = http::HeaderBlock::parse(std::move(answer.headers));
  if (!headers) return fail(invalid_input("over a link came headers that are none"));
  runtime::HttpResponse response;
  response.status = static_cast<int>(answer.status);
  response.status_text = std::move(answer.status_text);
  response.headers = *std::move(headers);
  response.body = TRY(decode(std::move(answer.body)));
  response.may_compress_web_socket = answer.may_compress_web_socket;
  if (answer.web_socket != 0) {
    response.web_socket = sockets_.receive(answer.web_socket);
    if (!response.web_socket) return fail(invalid_input("a WebSocket's number is taken"));
  }
  bool plausible = answer.status >= 100 && answer.status <= 599;
  auto waiting = take_waiting(answer.call);
  if (!waiting) return {};
  auto* receiver = std::get_if<std::unique_ptr<runtime::ResponseReceiver>>(&*waiting);
  if (!receiver || !plausible) {
    fail_waiting(*waiting, link_lost());
    return fail(invalid_input("over a link came no answer to what was asked"));
  }
  (*receiver)->on_response(std::move(response));
  return {};
}

Result<void> Link::on_result(border::LinkResult answer) {
  runtime::RpcResult result;
  result.value = TRY(decode(std::move(answer.value)));
  result.has_disposer = answer.has_disposer;
  if (answer.pipeline != 0) {
    if (!wire_->is_of_other(answer.pipeline)) return fail(invalid_input("no such object"));
    result.pipeline = remote_capability(weak_from_this(), answer.pipeline);
  }
  auto waiting = take_waiting(answer.call);
  if (!waiting) return {};
  auto* back = std::get_if<std::unique_ptr<runtime::RpcReturn>>(&*waiting);
  if (!back) {
    fail_waiting(*waiting, link_lost());
    return fail(invalid_input("over a link came no answer to what was asked"));
  }
  (*back)->on_result(std::move(result));
  return {};
}

Result<void> Link::on_failure(border::LinkFailure answer) {
  if (answer.outcome > kLastOutcome) return fail(invalid_input("no such outcome"));
  auto waiting = take_waiting(answer.call);
  if (!waiting) return {};
  fail_waiting(*waiting, runtime::Failure{static_cast<runtime::Outcome>(answer.outcome),
                                          std::move(answer.name), std::move(answer.message),
                                          std::move(answer.stack), answer.hop_limit,
                                          std::move(answer.details), answer.retry_after_seconds});
  return {};
}

// ---- Calls of the other side --------------------------------------------------------------------

Result<void> Link::on_call(border::LinkCall call) {
  if (!wire_->is_of_other(call.call) || answering_.contains(call.call)) {
    return fail(invalid_input("a call's number is taken"));
  }
  if (call.fetch.has_value() + call.rpc.has_value() + call.connect.has_value() != 1) {
    return fail(invalid_input("a call is of one kind"));
  }
  if (answering_.size() >= kMaxCalls) {
    answer(call.call, too_many());
    return {};
  }
  answering_.emplace(call.call, nullptr);
  auto options = TRY(decode(call.options));
  if (call.fetch) {
    auto request = TRY(decode(*std::move(call.fetch)));
    return begin(call, runtime::fetch_event(std::move(request), std::move(options),
                                            answering_receiver(weak_from_this(), call.call)));
  }
  if (call.connect) return begin(call, TRY(connect_event(call, std::move(options))));
  auto made = TRY(decode(*std::move(call.rpc)));
  auto back = answering_return(weak_from_this(), call.call);
  if (call.target == LinkTarget::Capability) {
    auto target = TRY(capability(call.number));
    scheduler_.run(
        [target = std::move(target), made = std::move(made), back = std::move(back)]() mutable {
          target->call(std::move(made), std::move(back));
        });
    return {};
  }
  return begin(call, runtime::rpc_event(std::move(made), std::move(options), std::move(back)));
}

Result<void> Link::begin(const border::LinkCall& call, std::unique_ptr<runtime::Event> event) {
  if (call.target == LinkTarget::Service) {
    auto target = TRY(service(call.number));
    scheduler_.run(
        [target = std::move(target), event = std::move(event)] { event->pass_on(*target); });
    return {};
  }
  if (call.target != LinkTarget::Script || !allowed_.contains(call.number)) {
    return fail(Error(ErrorKind::Denied, "over a link came a call of a script it does not serve"));
  }
  scheduler_.run([&owner = owner_, script = call.number, entrypoint = call.entrypoint,
                  event = std::move(event)]() mutable {
    owner.deliver(script, std::move(entrypoint), std::move(event));
  });
  return {};
}

void Link::remember_cancel(LinkNumber call, std::move_only_function<void()> cancel) {
  auto found = answering_.find(call);
  if (found == answering_.end()) return cancel();  // it was cancelled already
  found->second = std::move(cancel);
}

void Link::on_cancel(LinkNumber call) {
  auto found = answering_.find(call);
  if (found == answering_.end()) return;
  auto cancel = std::move(found->second);
  answering_.erase(found);
  if (cancel) cancel();
}

void Link::answer(LinkNumber call, runtime::HttpResponse response) {
  border::LinkResponse message;
  message.call = call;
  message.status = static_cast<std::uint32_t>(response.status);
  message.status_text = std::move(response.status_text);
  message.headers = std::string(response.headers.raw());
  message.may_compress_web_socket = response.may_compress_web_socket;
  message.body = encode(std::move(response.body));
  if (response.web_socket) message.web_socket = sockets_.send(std::move(response.web_socket));
  answering_.erase(call);
  wire_->send(message);
}

void Link::answer(LinkNumber call, runtime::RpcResult result) {
  border::LinkResult message;
  message.call = call;
  message.value = encode(std::move(result.value));
  message.has_disposer = result.has_disposer;
  if (result.pipeline) message.pipeline = give_out(std::move(result.pipeline));
  answering_.erase(call);
  wire_->send(message);
}

void Link::answer(LinkNumber call, runtime::Failure failure) {
  answering_.erase(call);
  wire_->send(border::LinkFailure{call, static_cast<std::uint8_t>(failure.outcome),
                                  std::move(failure.name), std::move(failure.message),
                                  std::move(failure.stack), failure.hop_limit,
                                  std::move(failure.details), failure.retry_after_seconds});
}

// ---- Messages, and the end ----------------------------------------------------------------------

void Link::on_message(border::Channel::Message message) {
  auto keep = shared_from_this();
  if (auto handled = handle(message.frame); !handled && wire_->is_open()) {
    on_closed(handled.error());
  }
}

Result<void> Link::handle(const border::Frame& frame) {
  using border::decode;
  using border::MessageType;
  switch (frame.type) {
    case MessageType::LinkCall:
      return on_call(TRY(decode<border::LinkCall>(frame.body)));
    case MessageType::LinkResponse:
      return on_response(TRY(decode<border::LinkResponse>(frame.body)));
    case MessageType::LinkResult:
      return on_result(TRY(decode<border::LinkResult>(frame.body)));
    case MessageType::LinkFailure:
      return on_failure(TRY(decode<border::LinkFailure>(frame.body)));
    case MessageType::LinkCancel:
      on_cancel(TRY(decode<border::LinkCancel>(frame.body)).call);
      return {};
    case MessageType::LinkChunk:
      return streams_.on_chunk(TRY(decode<border::LinkChunk>(frame.body)));
    case MessageType::LinkStreamEnd:
      streams_.on_end(TRY(decode<border::LinkStreamEnd>(frame.body)));
      return {};
    case MessageType::LinkStreamCancel:
      streams_.on_cancel(TRY(decode<border::LinkStreamCancel>(frame.body)).stream);
      return {};
    case MessageType::LinkCredit: {
      auto credit = TRY(decode<border::LinkCredit>(frame.body));
      if (!streams_.on_credit(credit.number, credit.bytes)) {
        sockets_.on_credit(credit.number, credit.bytes);
      }
      return {};
    }
    case MessageType::LinkSocketMessage:
      return sockets_.on_message(TRY(decode<border::LinkSocketMessage>(frame.body)));
    case MessageType::LinkRelease: {
      auto found = given_out_.find(TRY(decode<border::LinkRelease>(frame.body)).number);
      if (found == given_out_.end()) return {};
      GivenOut released = std::move(found->second);
      given_out_.erase(found);
      return {};
    }
    case MessageType::LinkLeaving:
      if (!std::exchange(other_leaves_, true)) owner_.on_unusable(*this);
      wire_->send(border::LinkLeft());
      return {};
    case MessageType::LinkLeft:
      other_left_ = true;
      return {};
    default:
      return fail(invalid_input("another host sent a message that hosts do not send each other"));
  }
}

void Link::leave() {
  if (std::exchange(leaves_, true)) return;
  wire_->send(border::LinkLeaving());
}

bool Link::in_use() const {
  return !answering_.empty() || !waiting_.empty() || !given_out_.empty() || !streams_.empty() ||
         !sockets_.empty();
}

void Link::on_closed(const Error&) {
  auto keep = shared_from_this();
  if (std::exchange(over_, true)) return;
  wire_->close();
  if (!std::exchange(other_leaves_, true)) owner_.on_unusable(*this);
  auto waiting = std::exchange(waiting_, {});
  for (auto& [number, one] : waiting) fail_waiting(one, link_lost());
  auto answering = std::exchange(answering_, {});
  for (auto& [number, cancel] : answering) {
    if (cancel) cancel();
  }
  streams_.close(Error(ErrorKind::Unavailable, "Network connection lost."));
  sockets_.close();
  auto released = std::exchange(given_out_, {});
  owner_.on_over(*this);
}

}  // namespace atoll::dispatch
