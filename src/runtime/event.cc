#include "runtime/event.h"

#include "runtime/worker.h"

namespace atoll::runtime {
namespace {

CallOptions options_before(std::shared_ptr<ServiceTarget> next, CallOptions options) {
  CallOptions before;
  before.request_id = options.request_id;
  before.hops = options.hops;
  before.from = options.from;
  before.next = std::make_shared<const Continuation>(std::move(next), std::move(options));
  return before;
}

class FetchEvent final : public Event {
 public:
  FetchEvent(HttpRequest request, CallOptions options, std::unique_ptr<ResponseReceiver> receiver)
      : request_(std::move(request)),
        options_(std::move(options)),
        receiver_(std::move(receiver)) {}

  void begin(Worker& worker, std::string entrypoint) override {
    worker.fetch(std::move(request_), std::move(entrypoint), std::move(options_),
                 std::move(receiver_));
  }
  void pass_on(ServiceTarget& target) override {
    target.call(std::move(request_), std::move(options_), std::move(receiver_));
  }
  void fail(Failure failure) override { receiver_->on_failure(std::move(failure)); }
  void divert(ServiceTarget& inbound, std::shared_ptr<ServiceTarget> next) override {
    inbound.call(std::move(request_), options_before(std::move(next), std::move(options_)),
                 std::move(receiver_));
  }

 private:
  HttpRequest request_;
  CallOptions options_;
  std::unique_ptr<ResponseReceiver> receiver_;
};

class RpcEvent final : public Event {
 public:
  RpcEvent(RpcCall call, CallOptions options, std::unique_ptr<RpcReturn> back)
      : call_(std::move(call)), options_(std::move(options)), back_(std::move(back)) {}

  void begin(Worker& worker, std::string entrypoint) override {
    worker.rpc(std::move(call_), std::move(entrypoint), std::move(options_), std::move(back_));
  }
  void pass_on(ServiceTarget& target) override {
    target.rpc(std::move(call_), std::move(options_), std::move(back_));
  }
  void fail(Failure failure) override { back_->on_failure(std::move(failure)); }
  void divert(ServiceTarget& inbound, std::shared_ptr<ServiceTarget> next) override {
    inbound.rpc(std::move(call_), options_before(std::move(next), std::move(options_)),
                std::move(back_));
  }

 private:
  RpcCall call_;
  CallOptions options_;
  std::unique_ptr<RpcReturn> back_;
};

class ConnectEvent final : public Event {
 public:
  ConnectEvent(SocketRequest request, CallOptions options, net::Connector::ConnectDone done)
      : request_(std::move(request)), options_(std::move(options)), done_(std::move(done)) {}

  void begin(Worker& worker, std::string entrypoint) override {
    worker.connect(std::move(request_), std::move(entrypoint), std::move(options_),
                   std::move(done_));
  }
  void pass_on(ServiceTarget& target) override {
    target.connect(std::move(request_), std::move(options_), std::move(done_));
  }
  void fail(Failure failure) override {
    done_(atoll::fail(Error(ErrorKind::Unavailable, std::move(failure.message))));
  }
  void divert(ServiceTarget& inbound, std::shared_ptr<ServiceTarget> next) override {
    inbound.connect(std::move(request_), options_before(std::move(next), std::move(options_)),
                    std::move(done_));
  }

 private:
  SocketRequest request_;
  CallOptions options_;
  net::Connector::ConnectDone done_;
};

}  // namespace

std::unique_ptr<Event> fetch_event(HttpRequest request, CallOptions options,
                                   std::unique_ptr<ResponseReceiver> receiver) {
  return std::make_unique<FetchEvent>(std::move(request), std::move(options), std::move(receiver));
}

std::unique_ptr<Event> rpc_event(RpcCall call, CallOptions options,
                                 std::unique_ptr<RpcReturn> back) {
  return std::make_unique<RpcEvent>(std::move(call), std::move(options), std::move(back));
}

std::unique_ptr<Event> connect_event(SocketRequest request, CallOptions options,
                                     net::Connector::ConnectDone done) {
  return std::make_unique<ConnectEvent>(std::move(request), std::move(options), std::move(done));
}

}  // namespace atoll::runtime
