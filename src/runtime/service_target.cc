#include "runtime/service_target.h"

#include "runtime/rpc.h"

namespace atoll::runtime {

void ServiceTarget::rpc(RpcCall, CallOptions, std::unique_ptr<RpcReturn> back) {
  back->on_failure(
      {Outcome::Exception, "TypeError", "The receiver is not an RPC object", "", false});
}

}  // namespace atoll::runtime
