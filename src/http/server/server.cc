#include "http/server/server.h"

#include "http/server/server_core.h"

namespace atoll::http {

Server::Server(asio::io_context& io, ServerLimits limits, RequestHandler& handler)
    : core_(std::make_shared<ServerCore>(io, limits, handler)) {
  core_->start();
}

Server::~Server() { core_->stop(); }

Result<void> Server::listen(UniqueFd listening_socket) {
  return core_->listen(std::move(listening_socket));
}

Result<void> Server::share(HandoverQueue queue) { return core_->share(std::move(queue)); }

void Server::help_out() { core_->help_out(); }

void Server::drain(std::move_only_function<void()> done) { core_->drain(std::move(done)); }

void Server::say_last_words(std::string_view response) { core_->say_last_words(response); }

void Server::send_held() { core_->send_held(); }

void Server::send_held_if_due(std::chrono::steady_clock::time_point now) {
  core_->send_held_if_due(now);
}

std::optional<std::chrono::steady_clock::time_point> Server::waiting_since() const {
  if (!core_->poller().in_batch()) return std::nullopt;
  return core_->poller().lap_began();
}

ServerStatus Server::status() const { return core_->status(); }

}  // namespace atoll::http
