// Where the global fetch() goes: an HTTP request to the origin that the URL names.
#pragma once

#include <memory>

#include "http/client/client.h"
#include "runtime/scheduler.h"
#include "runtime/service_target.h"

namespace atoll::bindings {

class OriginTarget final : public runtime::ServiceTarget {
 public:
  // Client and scheduler outlive every target. `script_version`: for whom connections are made.
  OriginTarget(http::Client& client, runtime::Scheduler& scheduler, std::uint64_t script_version)
      : client_(client), scheduler_(scheduler), script_version_(script_version) {}

  void call(runtime::HttpRequest request, runtime::CallOptions options,
            std::unique_ptr<runtime::ResponseReceiver> receiver) override;

 private:
  http::Client& client_;
  runtime::Scheduler& scheduler_;
  std::uint64_t script_version_;
};

}  // namespace atoll::bindings
