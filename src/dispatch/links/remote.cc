#include "dispatch/links/remote.h"

#include "runtime/worker.h"

namespace atoll::dispatch {

using border::LinkNumber;
using border::LinkTarget;

namespace {

class RemoteCapability final : public runtime::RpcCapability {
 public:
  RemoteCapability(std::weak_ptr<Link> link, LinkNumber number)
      : link_(std::move(link)), number_(number) {}
  ~RemoteCapability() override {
    if (auto link = link_.lock()) link->release(number_);
  }
  void call(runtime::RpcCall call, std::unique_ptr<runtime::RpcReturn> back) override {
    auto link = link_.lock();
    if (!link) return back->on_failure(link_lost());
    link->rpc({LinkTarget::Capability, number_, {}}, std::move(call), {}, std::move(back));
  }

 private:
  std::weak_ptr<Link> link_;
  LinkNumber number_;
};

class RemoteService final : public runtime::ServiceTarget {
 public:
  RemoteService(std::weak_ptr<Link> link, LinkNumber number)
      : link_(std::move(link)), number_(number) {}
  ~RemoteService() override {
    if (auto link = link_.lock()) link->release(number_);
  }
  void call(runtime::HttpRequest request, runtime::CallOptions options,
            std::unique_ptr<runtime::ResponseReceiver> receiver) override {
    auto link = link_.lock();
    if (!link) return receiver->on_failure(link_lost());
    link->call({LinkTarget::Service, number_, {}}, std::move(request), std::move(options),
               std::move(receiver));
  }
  void rpc(runtime::RpcCall call, runtime::CallOptions options,
           std::unique_ptr<runtime::RpcReturn> back) override {
    auto link = link_.lock();
    if (!link) return back->on_failure(link_lost());
    link->rpc({LinkTarget::Service, number_, {}}, std::move(call), std::move(options),
              std::move(back));
  }
  void connect(runtime::SocketRequest request, runtime::CallOptions options,
               net::Connector::ConnectDone done) override {
    auto link = link_.lock();
    if (!link) return done(fail(Error(ErrorKind::Unavailable, link_lost().message)));
    link->connect({LinkTarget::Service, number_, {}}, std::move(request), std::move(options),
                  std::move(done));
  }

 private:
  std::weak_ptr<Link> link_;
  LinkNumber number_;
};

// What both kinds of answer have in common.
class Answering {
 public:
  Answering(std::weak_ptr<Link> link, LinkNumber call) : link_(std::move(link)), call_(call) {}

  template <typename Value>
  void answer(Value value) {
    answered_ = true;
    if (auto link = link_.lock()) link->answer(call_, std::move(value));
  }
  void started(std::weak_ptr<runtime::Worker> worker, std::int32_t invocation) {
    begun([worker = std::move(worker), invocation] {
      if (auto running = worker.lock()) running->cancel(invocation);
    });
  }
  void begun(std::move_only_function<void()> cancel) {
    if (auto link = link_.lock()) return link->remember_cancel(call_, std::move(cancel));
    cancel();
  }
  ~Answering() {
    if (!answered_) answer(link_lost());
  }

 private:
  std::weak_ptr<Link> link_;
  LinkNumber call_;
  bool answered_ = false;
};

// What receives a call's outcome here and sends it to the other side.
template <typename Receiver>
class AnsweringOne : public Receiver {
 public:
  AnsweringOne(std::weak_ptr<Link> link, LinkNumber call) : answer_(std::move(link), call) {}
  void on_failure(runtime::Failure failure) override { answer_.answer(std::move(failure)); }
  void on_started(std::weak_ptr<runtime::Worker> worker, std::int32_t invocation) override {
    answer_.started(std::move(worker), invocation);
  }
  void on_begun(std::move_only_function<void()> cancel) override {
    answer_.begun(std::move(cancel));
  }

 protected:
  Answering answer_;
};

class AnsweringReceiver final : public AnsweringOne<runtime::ResponseReceiver> {
 public:
  using AnsweringOne::AnsweringOne;
  void on_response(runtime::HttpResponse response) override { answer_.answer(std::move(response)); }
};

class AnsweringReturn final : public AnsweringOne<runtime::RpcReturn> {
 public:
  using AnsweringOne::AnsweringOne;
  void on_result(runtime::RpcResult result) override { answer_.answer(std::move(result)); }
};

}  // namespace

runtime::Failure link_lost() {
  return {runtime::Outcome::InternalError, "Error", "Network connection lost.", "", false};
}

std::shared_ptr<runtime::RpcCapability> remote_capability(std::weak_ptr<Link> link,
                                                          LinkNumber number) {
  return std::make_shared<RemoteCapability>(std::move(link), number);
}

std::shared_ptr<runtime::ServiceTarget> remote_service(std::weak_ptr<Link> link,
                                                       LinkNumber number) {
  return std::make_shared<RemoteService>(std::move(link), number);
}

std::unique_ptr<runtime::ResponseReceiver> answering_receiver(std::weak_ptr<Link> link,
                                                              LinkNumber call) {
  return std::make_unique<AnsweringReceiver>(std::move(link), call);
}

std::unique_ptr<runtime::RpcReturn> answering_return(std::weak_ptr<Link> link, LinkNumber call) {
  return std::make_unique<AnsweringReturn>(std::move(link), call);
}

}  // namespace atoll::dispatch
