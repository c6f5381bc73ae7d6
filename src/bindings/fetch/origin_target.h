// Where the global fetch() goes: an HTTP request to the origin that the URL names.
#pragma once

#include <memory>

#include "http/client/client.h"
#include "runtime/service_target.h"
#include "runtime/web_socket_coupling.h"

namespace atoll::bindings {

class OriginTarget final : public runtime::ServiceTarget {
 public:
  // Client and couplings outlive every target. `script_version`: for whom connections are made.
  OriginTarget(http::Client& client, runtime::WebSocketCouplings& web_sockets,
               std::uint64_t script_version)
      : client_(client), web_sockets_(web_sockets), script_version_(script_version) {}

  void call(runtime::HttpRequest request, runtime::CallOptions options,
            std::unique_ptr<runtime::ResponseReceiver> receiver) override;

 private:
  http::Client& client_;
  runtime::WebSocketCouplings& web_sockets_;
  std::uint64_t script_version_;
};

}  // namespace atoll::bindings
