#include "apps/isolate_host/ingress_receiver.h"

#include "apps/isolate_host/error_page.h"
#include "apps/isolate_host/ingress_web_socket.h"
#include "runtime/worker.h"

namespace atoll::host {

void IngressReceiver::on_response(runtime::HttpResponse response) {
  if (response.web_socket != nullptr) {
    return open_web_socket(couplings_, *exchange_,
                           web_socket_ ? *std::move(web_socket_) : http::WebSocketRequestCheck{},
                           std::move(response));
  }
  http::ResponseHead head{response.status, std::move(response.status_text),
                          std::move(response.headers)};
  if (compression_ != nullptr) compression_->apply(head, response.body, coding_);
  if (auto* source = std::get_if<std::unique_ptr<ByteSource>>(&response.body)) {
    return exchange_->respond(std::move(head), std::move(*source));
  }
  std::string body;
  if (auto* bytes = std::get_if<std::string>(&response.body)) body = std::move(*bytes);
  exchange_->respond(std::move(head), std::move(body));
}

void IngressReceiver::on_failure(runtime::Failure failure) {
  Page page = failure_page(failure, request_id_);
  exchange_->respond(std::move(page.head), std::move(page.body));
}

void IngressReceiver::on_started(std::weak_ptr<runtime::Worker> worker, std::int32_t invocation) {
  if (!exchange_->is_open()) {
    // The client left while the script was being loaded.
    couplings_.scheduler().later([worker = std::move(worker), invocation] {
      if (auto running = worker.lock()) running->cancel(invocation);
    });
    return;
  }
  exchange_->on_disconnect([worker = std::move(worker), invocation] {
    if (auto running = worker.lock()) running->cancel(invocation);
  });
}

void IngressReceiver::on_begun(std::move_only_function<void()> cancel) {
  exchange_->on_disconnect(std::move(cancel));
}

}  // namespace atoll::host
