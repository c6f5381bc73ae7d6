// Calls between two isolate hosts, over a socket pair that the supervisor made: what a Worker sends
// to a script that runs in another lane, and what comes back. The values are those that cross
// between isolates of one host (runtime/rpc.h); here they travel as messages of link_protocol.h,
// with tables of what each side has given out.
//
// Everything happens on the loop's one thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "dispatch/links/link_sockets.h"
#include "dispatch/links/link_streams.h"
#include "dispatch/links/link_wire.h"
#include "runtime/event.h"
#include "runtime/rpc.h"

namespace atoll::dispatch {

class Link final : public std::enable_shared_from_this<Link>, private border::Channel::Handler {
 public:
  // The host's side of it; outlives the link.
  class Owner {
   public:
    virtual ~Owner() = default;
    // A call from the other side to a script that was allowed.
    virtual void deliver(border::Handle script, std::string entrypoint,
                         std::unique_ptr<runtime::Event> event) = 0;
    // No call can be made over it any more. May run during such a call.
    virtual void on_unusable(Link& link) = 0;
    // The other side is gone; what was under way has failed. The owner may let go of the link.
    virtual void on_over(Link& link) = 0;
  };

  static std::shared_ptr<Link> open(runtime::Scheduler& scheduler, UniqueFd socket, LinkSide side,
                                    Owner& owner);
  ~Link() override;

  // Whether calls to scripts of the other side may be made.
  bool usable() const { return wire_->is_open() && !other_leaves_; }
  // Passes the event on to a script of the other side; failures reach it later.
  void deliver(border::Handle script, std::string entrypoint, runtime::Event& event);

  // The other side may call that script.
  void allow(border::Handle script) { allowed_.insert(script); }
  // Tells the other side that this host will end. Once it has heard and nothing is under way any
  // more, the link is idle and stays so.
  void leave();
  bool idle() const { return !wire_->is_open() || (other_left_ && !in_use()); }
  // Something is under way, or held.
  bool in_use() const;

  // ---- For the parts of this folder -----------------------------------------------------------

  // Something of the other side that can be called.
  struct Target {
    border::LinkTarget kind;
    std::uint64_t number;
    std::string entrypoint;
  };
  void call(const Target& target, runtime::HttpRequest request, runtime::CallOptions options,
            std::unique_ptr<runtime::ResponseReceiver> receiver);
  void rpc(const Target& target, runtime::RpcCall call, runtime::CallOptions options,
           std::unique_ptr<runtime::RpcReturn> back);
  void connect(const Target& target, runtime::SocketRequest request, runtime::CallOptions options,
               net::Connector::ConnectDone done);
  void release(border::LinkNumber number) { wire_->send(border::LinkRelease{number}); }

  void answer(border::LinkNumber call, runtime::HttpResponse response);
  void answer(border::LinkNumber call, runtime::RpcResult result);
  void answer(border::LinkNumber call, runtime::Failure failure);
  // `sent`: what the other side sends on the connection.
  void answer(border::LinkNumber call, net::Connection connection,
              std::unique_ptr<ByteSource> sent);
  void remember_cancel(border::LinkNumber call, std::move_only_function<void()> cancel);

 private:
  // Who asked for a connection, with both ends of what is coupled to the other side.
  struct Connecting {
    net::Connector::ConnectDone done;
    std::shared_ptr<net::Stream> coupled;
    std::unique_ptr<net::Stream> given;
    void on_failure(runtime::Failure failure) {
      done(fail(Error(ErrorKind::Unavailable, std::move(failure.message))));
    }
  };
  using Waiting = std::variant<std::unique_ptr<runtime::ResponseReceiver>,
                               std::unique_ptr<runtime::RpcReturn>, std::unique_ptr<Connecting>>;
  using GivenOut = std::variant<std::shared_ptr<runtime::RpcCapability>,
                                std::shared_ptr<runtime::ServiceTarget>>;

  Link(runtime::Scheduler& scheduler, UniqueFd socket, LinkSide side, Owner& owner);

  void on_message(border::Channel::Message message) override;
  void on_closed(const Error& why) override;

  Result<void> handle(const border::Frame& frame);
  Result<void> on_call(border::LinkCall call);
  Result<void> on_response(border::LinkResponse answer);
  Result<void> on_result(border::LinkResult answer);
  Result<void> on_connected(std::unique_ptr<Connecting> connecting, border::LinkResponse answer);
  Result<void> on_failure(border::LinkFailure answer);
  void on_cancel(border::LinkNumber call);
  Result<void> begin(const border::LinkCall& call, std::unique_ptr<runtime::Event> event);

  // Registers it; false when it cannot be sent, then it has been failed.
  bool expect(border::LinkNumber number, Waiting waiting);
  void cancel(border::LinkNumber call);
  void fail_later(Waiting waiting, runtime::Failure failure);
  std::optional<Waiting> take_waiting(border::LinkNumber call);

  // To the wire, and back; coding.cc. What comes back may name only what this link knows.
  border::LinkNumber give_out(GivenOut given);
  border::LinkCall head(border::LinkNumber number, const Target& target,
                        const runtime::CallOptions& options);
  border::LinkBody encode(runtime::Body body);
  border::LinkOptions encode(const runtime::CallOptions& options);
  border::LinkMessage encode(runtime::RpcMessage message);
  border::LinkRpc encode(runtime::RpcCall call);
  Result<runtime::Body> decode(border::LinkBody body);
  Result<runtime::CallOptions> decode(border::LinkOptions options);
  Result<runtime::RpcMessage> decode(border::LinkMessage message);
  Result<runtime::RpcCall> decode(border::LinkRpc call);
  Result<runtime::HttpRequest> decode(border::LinkFetch fetch);
  Result<std::unique_ptr<runtime::Event>> connect_event(const border::LinkCall& call,
                                                        runtime::CallOptions options);
  Result<std::shared_ptr<runtime::ServiceTarget>> service(border::LinkNumber number);
  Result<std::shared_ptr<runtime::RpcCapability>> capability(border::LinkNumber number);

  runtime::Scheduler& scheduler_;
  Owner& owner_;
  std::shared_ptr<LinkWire> wire_;
  LinkStreams streams_;
  LinkSockets sockets_;
  boost::unordered_flat_set<border::Handle> allowed_;
  boost::unordered_flat_map<border::LinkNumber, Waiting> waiting_;
  // Calls of the other side that are being answered, with how to cancel them.
  boost::unordered_flat_map<border::LinkNumber, std::move_only_function<void()>> answering_;
  boost::unordered_flat_map<border::LinkNumber, GivenOut> given_out_;
  bool leaves_ = false;
  bool other_left_ = false;
  bool other_leaves_ = false;
  bool over_ = false;
};

}  // namespace atoll::dispatch
