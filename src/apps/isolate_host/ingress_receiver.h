// Brings a Worker's answer to the connection that asked.
#pragma once

#include <memory>
#include <string>

#include "http/server/exchange.h"
#include "runtime/service_target.h"

namespace atoll::host {

class IngressReceiver final : public runtime::ResponseReceiver {
 public:
  IngressReceiver(std::shared_ptr<http::Exchange> exchange, std::string request_id)
      : exchange_(std::move(exchange)), request_id_(std::move(request_id)) {}

  void on_response(runtime::HttpResponse response) override;
  void on_failure(runtime::Failure failure) override;
  void on_started(std::weak_ptr<runtime::Worker> worker, std::int32_t invocation) override;

 private:
  std::shared_ptr<http::Exchange> exchange_;
  std::string request_id_;
};

}  // namespace atoll::host
