// Where the global fetch() and connect() go: a request to the origin that the URL names, a
// connection to host and port.
#pragma once

#include <memory>

#include "http/client/client.h"
#include "runtime/service_target.h"
#include "runtime/web_socket_coupling.h"

namespace atoll::bindings {

class OriginTarget final : public runtime::ServiceTarget {
 public:
  // Client, connector and couplings outlive every target. `script_version`: for whom connections
  // are made.
  OriginTarget(http::Client& client, net::Connector& connector,
               runtime::WebSocketCouplings& web_sockets, std::uint64_t script_version)
      : client_(client),
        connector_(connector),
        web_sockets_(web_sockets),
        script_version_(script_version) {}

  void call(runtime::HttpRequest request, runtime::CallOptions options,
            std::unique_ptr<runtime::ResponseReceiver> receiver) override;
  void connect(runtime::SocketRequest request, runtime::CallOptions options,
               net::Connector::ConnectDone done) override;

 private:
  http::Client& client_;
  net::Connector& connector_;
  runtime::WebSocketCouplings& web_sockets_;
  std::uint64_t script_version_;
};

}  // namespace atoll::bindings
