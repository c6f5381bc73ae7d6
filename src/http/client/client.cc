#include "http/client/client.h"

#include <boost/asio/post.hpp>

#include "http/client/client_exchange.h"
#include "http/client/connection_pool.h"
#include "http/client/opening_queue.h"
#include "http/codec/request_writer.h"

namespace atoll::http {

ClientCall::ClientCall(std::shared_ptr<ClientExchange> exchange) : exchange_(exchange) {}

ClientCall::~ClientCall() {
  if (auto exchange = exchange_.lock()) exchange->cancel();
}

Client::Client(boost::asio::io_context& loop, net::Connector& connector, ClientLimits limits)
    : loop_(loop),
      connector_(connector),
      limits_(limits),
      pool_(std::make_shared<ConnectionPool>(loop, limits_)),
      queue_(std::make_shared<OpeningQueue>(limits_.opening_of_asker, limits_.waiting_of_asker)) {}

Client::~Client() = default;

std::unique_ptr<ClientCall> Client::send(ClientRequest request, Done done) {
  bool may_send = is_sendable(request.method, request.path);
  auto exchange = std::make_shared<ClientExchange>(loop_, connector_, limits_, pool_, queue_,
                                                   std::move(request), std::move(done));
  may_send ? exchange->start() : exchange->refuse();
  return std::make_unique<ClientCall>(std::move(exchange));
}

std::size_t Client::idle_connections() const { return pool_->size(); }

}  // namespace atoll::http
