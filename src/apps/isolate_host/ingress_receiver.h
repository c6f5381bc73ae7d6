// Brings a Worker's answer to the connection that asked.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "http/coding/response_compression.h"
#include "http/server/exchange.h"
#include "http/websocket/handshake.h"
#include "runtime/service_target.h"
#include "runtime/web_socket_coupling.h"

namespace atoll::host {

class IngressReceiver final : public runtime::ResponseReceiver {
 public:
  // `web_socket`: set when the request asks for one. `alive` counts those that wait for an answer.
  IngressReceiver(runtime::WebSocketCouplings& couplings, std::shared_ptr<http::Exchange> exchange,
                  std::string request_id, std::optional<http::WebSocketRequestCheck> web_socket,
                  std::uint32_t& alive)
      : couplings_(couplings),
        exchange_(std::move(exchange)),
        request_id_(std::move(request_id)),
        web_socket_(std::move(web_socket)),
        alive_(alive) {
    ++alive_;
  }
  ~IngressReceiver() override { --alive_; }

  // The client takes answers in that coding.
  void compress(http::ResponseCompression& compression, http::Coding coding) {
    compression_ = &compression;
    coding_ = coding;
  }

  void on_response(runtime::HttpResponse response) override;
  void on_failure(runtime::Failure failure) override;
  void on_started(std::weak_ptr<runtime::Worker> worker, std::int32_t invocation) override;
  void on_begun(std::move_only_function<void()> cancel) override;

 private:
  runtime::WebSocketCouplings& couplings_;
  std::shared_ptr<http::Exchange> exchange_;
  std::string request_id_;
  std::optional<http::WebSocketRequestCheck> web_socket_;
  std::uint32_t& alive_;
  http::ResponseCompression* compression_ = nullptr;  // null: answers go out as they are
  http::Coding coding_{};
};

}  // namespace atoll::host
