#include "http/server/exchange.h"

#include "http/server/connection.h"
#include "http/server/request_body.h"

namespace atoll::http {

Exchange::Exchange(Connection& connection, RequestHead request, bool has_body, ClientAddress client)
    : connection_(&connection),
      request_(std::move(request)),
      client_(std::move(client)),
      has_body_(has_body) {}

Exchange::~Exchange() {
  if (connection_ != nullptr) connection_->exchange_dropped();
}

std::unique_ptr<ByteSource> Exchange::take_body() {
  if (!std::exchange(has_body_, false)) return nullptr;
  if (connection_ != nullptr) return connection_->take_body();
  return std::make_unique<RequestBody>(nullptr, std::nullopt);
}

void Exchange::respond(ResponseHead head, std::string body) {
  if (connection_ != nullptr) connection_->respond(std::move(head), std::move(body));
}

void Exchange::respond(ResponseHead head, std::unique_ptr<ByteSource> body) {
  if (connection_ != nullptr) connection_->respond(std::move(head), std::move(body));
}

std::unique_ptr<ByteChannel> Exchange::upgrade(ResponseHead head) {
  return connection_ != nullptr ? connection_->upgrade(std::move(head)) : nullptr;
}

void Exchange::abort() {
  if (connection_ != nullptr) connection_->abort();
}

void Exchange::on_disconnect(std::move_only_function<void()> gone) {
  if (connection_ != nullptr) connection_->on_disconnect(std::move(gone));
}

bool Exchange::is_open() const { return connection_ != nullptr && connection_->awaits_answer(); }

}  // namespace atoll::http
