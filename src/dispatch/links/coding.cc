// Values of the runtime as messages of a link, and back.
#include "async/string_source.h"
#include "dispatch/links/remote.h"

namespace atoll::dispatch {

using border::LinkBodyKind;
using border::LinkExternal;
using border::LinkExternalKind;
using border::LinkNumber;

namespace {

// What one side may hold of the other at a time.
constexpr std::size_t kMaxGivenOut = 100'000;
// Longer bodies travel as streams, so that none holds up the others.
constexpr std::size_t kMaxInlineBody = border::kMaxLinkChunkBytes;

Error violation(std::string_view what) {
  return invalid_input("over a link came " + std::string(what));
}

class LongBody final : public ByteSource {
 public:
  explicit LongBody(std::string bytes) : length_(bytes.size()), bytes_(std::move(bytes)) {}
  void read(ReadDone done) override { done(std::exchange(bytes_, {})); }
  std::optional<std::uint64_t> length() const override { return length_; }

 private:
  std::uint64_t length_;
  std::string bytes_;
};

// Where an inbound Worker of the other side goes on to: with the options of the call as it came,
// but for what the inbound Worker decides.
class NextTarget final : public runtime::ServiceTarget {
 public:
  explicit NextTarget(std::shared_ptr<const runtime::Continuation> next) : next_(std::move(next)) {}

  void call(runtime::HttpRequest request, runtime::CallOptions options,
            std::unique_ptr<runtime::ResponseReceiver> receiver) override {
    next_->target->call(std::move(request), with_own(std::move(options)), std::move(receiver));
  }
  void rpc(runtime::RpcCall call, runtime::CallOptions options,
           std::unique_ptr<runtime::RpcReturn> back) override {
    next_->target->rpc(std::move(call), with_own(std::move(options)), std::move(back));
  }

 private:
  runtime::CallOptions with_own(runtime::CallOptions options) const {
    runtime::CallOptions own = next_->options;
    own.request_id = std::move(options.request_id);
    own.hops = options.hops;
    if (!options.props.empty()) own.props = std::move(options.props);
    return own;
  }

  std::shared_ptr<const runtime::Continuation> next_;
};

}  // namespace

LinkNumber Link::give_out(GivenOut given) {
  if (given_out_.size() >= kMaxGivenOut) return 0;
  LinkNumber number = wire_->next_number();
  given_out_.emplace(number, std::move(given));
  return number;
}

border::LinkBody Link::encode(runtime::Body body) {
  border::LinkBody sent;
  std::unique_ptr<ByteSource> source;
  if (auto* bytes = std::get_if<std::string>(&body)) {
    if (bytes->size() <= kMaxInlineBody) {
      sent.kind = LinkBodyKind::Bytes;
      sent.bytes = std::move(*bytes);
      return sent;
    }
    source = std::make_unique<LongBody>(std::move(*bytes));
  } else if (auto* streamed = std::get_if<std::unique_ptr<ByteSource>>(&body)) {
    source = std::move(*streamed);
  }
  if (!source) return sent;
  sent.kind = LinkBodyKind::Stream;
  sent.length = source->length();
  sent.stream = streams_.send(std::move(source));
  return sent;
}

border::LinkOptions Link::encode(const runtime::CallOptions& options) {
  border::LinkOptions sent;
  sent.request_id = options.request_id;
  sent.hops = options.hops;
  sent.props = options.props;
  sent.cpu_ms = options.cpu_ms;
  sent.subrequests = options.subrequests;
  if (options.outbound) {
    sent.outbound = give_out(options.outbound->target);
    if (options.outbound->values) sent.outbound_values = *options.outbound->values;
    sent.outbound_is_of_namespace = options.outbound->is_of_namespace;
  }
  if (options.env_values) sent.env_values = *options.env_values;
  if (options.next) sent.next = give_out(std::make_shared<NextTarget>(options.next));
  return sent;
}

border::LinkMessage Link::encode(runtime::RpcMessage message) {
  border::LinkMessage sent;
  sent.bytes = std::move(message.bytes);
  for (runtime::RpcExternal& external : message.externals) {
    LinkExternal& made = sent.externals.emplace_back();
    if (auto* capability = std::get_if<std::shared_ptr<runtime::RpcCapability>>(&external)) {
      made.kind = LinkExternalKind::Capability;
      made.number = give_out(std::move(*capability));
    } else if (auto* source = std::get_if<std::unique_ptr<ByteSource>>(&external)) {
      made.kind = LinkExternalKind::Stream;
      made.length = (*source)->length();
      made.number = streams_.send(std::move(*source));
    } else if (auto* writer = std::get_if<runtime::RpcWriter>(&external)) {
      made.kind = LinkExternalKind::Writer;
      made.number = streams_.receive_into(writer->take());
    } else if (std::holds_alternative<std::unique_ptr<net::Stream>>(external)) {
      // Sockets stay in their process: the other side finds something else in the place.
      made.kind = LinkExternalKind::Stream;
      made.number = streams_.send(std::make_unique<StringSource>(std::string()));
    } else {
      auto& service = std::get<runtime::RpcService>(external);
      made.kind = LinkExternalKind::Service;
      made.options = encode(service.options);
      made.number = give_out(std::move(service.target));
    }
  }
  return sent;
}

border::LinkRpc Link::encode(runtime::RpcCall call) {
  border::LinkRpc sent{std::move(call.path), call.reads_property, call.in_background, {}};
  if (call.arguments) sent.arguments = encode(*std::move(call.arguments));
  return sent;
}

Result<runtime::Body> Link::decode(border::LinkBody body) {
  if (body.kind == LinkBodyKind::Bytes) return runtime::Body(std::move(body.bytes));
  if (body.kind == LinkBodyKind::None) return runtime::Body();
  auto source = streams_.receive(body.stream, body.length);
  if (!source) return fail(violation("a stream under a number that is taken"));
  return runtime::Body(std::move(source));
}

Result<runtime::CallOptions> Link::decode(border::LinkOptions options) {
  runtime::CallOptions made;
  made.request_id = std::move(options.request_id);
  made.hops = options.hops;
  made.props = std::move(options.props);
  made.cpu_ms = options.cpu_ms;
  made.subrequests = options.subrequests;
  if (options.outbound != 0) {
    if (!wire_->is_of_other(options.outbound)) return fail(violation("a service of this side"));
    std::shared_ptr<const std::string> values;
    if (options.outbound_values) {
      values = std::make_shared<std::string>(*std::move(options.outbound_values));
    }
    made.outbound =
        std::make_shared<runtime::Outbound>(remote_service(weak_from_this(), options.outbound),
                                            std::move(values), options.outbound_is_of_namespace);
  }
  if (options.next != 0) {
    if (!wire_->is_of_other(options.next)) return fail(violation("a service of this side"));
    made.next = std::make_shared<const runtime::Continuation>(
        remote_service(weak_from_this(), options.next), runtime::CallOptions());
  }
  if (options.env_values) {
    made.env_values = std::make_shared<std::string>(*std::move(options.env_values));
  }
  return made;
}

Result<runtime::RpcMessage> Link::decode(border::LinkMessage message) {
  runtime::RpcMessage made;
  made.bytes = std::move(message.bytes);
  for (LinkExternal& external : message.externals) {
    if (!wire_->is_of_other(external.number)) return fail(violation("an object of this side"));
    switch (external.kind) {
      case LinkExternalKind::Capability:
        made.externals.emplace_back(remote_capability(weak_from_this(), external.number));
        break;
      case LinkExternalKind::Stream: {
        auto source = streams_.receive(external.number, external.length);
        if (!source) return fail(violation("a stream under a number that is taken"));
        made.externals.emplace_back(std::move(source));
        break;
      }
      case LinkExternalKind::Writer: {
        auto pipe = runtime::BodyPipe::make(std::nullopt);
        if (!streams_.send_on(external.number, pipe->reader())) {
          return fail(violation("a stream under a number that is taken"));
        }
        made.externals.emplace_back(runtime::RpcWriter(std::move(pipe)));
        break;
      }
      case LinkExternalKind::Service: {
        auto options = external.options ? decode(*std::move(external.options))
                                        : Result<runtime::CallOptions>();
        if (!options) return fail(std::move(options.error()));
        made.externals.emplace_back(runtime::RpcService{
            remote_service(weak_from_this(), external.number), *std::move(options)});
        break;
      }
    }
  }
  return made;
}

Result<runtime::RpcCall> Link::decode(border::LinkRpc call) {
  runtime::RpcCall made{std::move(call.path), call.reads_property, call.in_background, {}};
  if (call.arguments) made.arguments = TRY(decode(*std::move(call.arguments)));
  return made;
}

Result<runtime::HttpRequest> Link::decode(border::LinkFetch fetch) {
  runtime::HttpRequest made;
  auto headers = http::HeaderBlock::parse(std::move(fetch.headers));
  if (!headers) return fail(violation("headers that are none"));
  made.method = std::move(fetch.method);
  made.url = std::move(fetch.url);
  made.headers = *std::move(headers);
  made.body = TRY(decode(std::move(fetch.body)));
  made.follow_redirects = fetch.follow_redirects;
  return made;
}

Result<std::shared_ptr<runtime::ServiceTarget>> Link::service(LinkNumber number) {
  auto found = given_out_.find(number);
  if (found != given_out_.end()) {
    if (auto* target = std::get_if<std::shared_ptr<runtime::ServiceTarget>>(&found->second)) {
      return *target;
    }
  }
  return fail(violation("a call of a service that was not given out"));
}

Result<std::shared_ptr<runtime::RpcCapability>> Link::capability(LinkNumber number) {
  auto found = given_out_.find(number);
  if (found != given_out_.end()) {
    if (auto* target = std::get_if<std::shared_ptr<runtime::RpcCapability>>(&found->second)) {
      return *target;
    }
  }
  return fail(violation("a call of an object that was not given out"));
}

}  // namespace atoll::dispatch
