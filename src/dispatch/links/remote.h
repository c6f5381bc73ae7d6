// What the other side of a link has given out, as the objects that this side's Workers know.
#pragma once

#include <memory>

#include "dispatch/links/link.h"

namespace atoll::dispatch {

std::shared_ptr<runtime::RpcCapability> remote_capability(std::weak_ptr<Link> link,
                                                          border::LinkNumber number);
std::shared_ptr<runtime::ServiceTarget> remote_service(std::weak_ptr<Link> link,
                                                       border::LinkNumber number);
// Lives for one call: the link outlives it.
class RemoteScriptTarget final : public runtime::ServiceTarget {
 public:
  RemoteScriptTarget(Link& link, border::Handle script, std::string entrypoint)
      : link_(link), target_{border::LinkTarget::Script, script, std::move(entrypoint)} {}
  void call(runtime::HttpRequest request, runtime::CallOptions options,
            std::unique_ptr<runtime::ResponseReceiver> receiver) override {
    link_.call(target_, std::move(request), std::move(options), std::move(receiver));
  }
  void rpc(runtime::RpcCall call, runtime::CallOptions options,
           std::unique_ptr<runtime::RpcReturn> back) override {
    link_.rpc(target_, std::move(call), std::move(options), std::move(back));
  }
  void connect(runtime::SocketRequest request, runtime::CallOptions options,
               net::Connector::ConnectDone done) override {
    link_.connect(target_, std::move(request), std::move(options), std::move(done));
  }

 private:
  Link& link_;
  Link::Target target_;
};

// Bring what answers a call of the other side onto the link.
std::unique_ptr<runtime::ResponseReceiver> answering_receiver(std::weak_ptr<Link> link,
                                                              border::LinkNumber call);
std::unique_ptr<runtime::RpcReturn> answering_return(std::weak_ptr<Link> link,
                                                     border::LinkNumber call);

runtime::Failure link_lost();

}  // namespace atoll::dispatch
