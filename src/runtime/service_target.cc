#include "runtime/service_target.h"

#include "runtime/loaded_worker.h"
#include "runtime/rpc.h"

namespace atoll::runtime {

void ServiceTarget::rpc(RpcCall, CallOptions, std::unique_ptr<RpcReturn> back) {
  back->on_failure(
      {Outcome::Exception, "TypeError", "The receiver is not an RPC object", "", false});
}

void ServiceTarget::connect(SocketRequest, CallOptions, net::Connector::ConnectDone done) {
  done(fail(Error(ErrorKind::Denied, "There is nothing that takes connections.")));
}

Result<std::shared_ptr<Worker>> ServiceDirectory::start_loaded(std::shared_ptr<const Script>,
                                                               LoadedSetup) {
  return fail(Error(ErrorKind::Unavailable, "Workers cannot be loaded here."));
}

}  // namespace atoll::runtime
