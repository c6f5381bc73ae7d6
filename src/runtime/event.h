// What starts an invocation, as a value that can wait until a Worker is there for it.
#pragma once

#include <memory>
#include <string>

#include "runtime/rpc.h"
#include "runtime/service_target.h"

namespace atoll::runtime {

class Event {
 public:
  virtual ~Event() = default;
  // Exactly one of these is called.
  virtual void begin(Worker& worker, std::string entrypoint) = 0;
  virtual void pass_on(ServiceTarget& target) = 0;
  virtual void fail(Failure failure) = 0;
  // It goes to another Worker instead, whose ctx.next() goes on to `next`.
  virtual void divert(ServiceTarget& inbound, std::shared_ptr<ServiceTarget> next) = 0;
};

std::unique_ptr<Event> fetch_event(HttpRequest request, CallOptions options,
                                   std::unique_ptr<ResponseReceiver> receiver);
std::unique_ptr<Event> rpc_event(RpcCall call, CallOptions options,
                                 std::unique_ptr<RpcReturn> back);
std::unique_ptr<Event> connect_event(SocketRequest request, CallOptions options,
                                     net::Connector::ConnectDone done);

}  // namespace atoll::runtime
