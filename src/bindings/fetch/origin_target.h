// Where the global fetch() goes: an HTTP request to the origin that the URL names.
#pragma once

#include <memory>

#include "http/client/client.h"
#include "runtime/service_target.h"

namespace atoll::bindings {

class OriginTarget final : public runtime::ServiceTarget {
 public:
  // The client outlives every target. `script_version`: for whom connections are made.
  OriginTarget(http::Client& client, std::uint64_t script_version)
      : client_(client), script_version_(script_version) {}

  void call(runtime::HttpRequest request, runtime::CallOptions options,
            std::unique_ptr<runtime::ResponseReceiver> receiver) override;

 private:
  http::Client& client_;
  std::uint64_t script_version_;
};

}  // namespace atoll::bindings
