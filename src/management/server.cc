#include "management/server.h"

#include <sys/socket.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>

#include "management/connection.h"

namespace atoll::management {
namespace {

using tcp = asio::ip::tcp;

}  // namespace

struct Server::State : std::enable_shared_from_this<Server::State> {
  State(asio::io_context& loop, Dependencies dependencies, Settings settings)
      : loop(loop), api(dependencies, std::move(settings)), budget(api.settings()) {}

  static Task<void> accept(std::shared_ptr<State> state, tcp::acceptor* acceptor);
  static Task<void> serve(std::shared_ptr<State> state, std::shared_ptr<Connection> connection);

  asio::io_context& loop;
  Api api;
  BodyBudget budget;
  std::list<tcp::acceptor> acceptors;
  std::list<std::weak_ptr<Connection>> connections;
  bool stopping = false;
};

Server::Server(asio::io_context& loop, Dependencies dependencies, Settings settings)
    : state_(std::make_shared<State>(loop, dependencies, std::move(settings))) {}

Server::~Server() {
  stop();
  for (auto& weak : state_->connections) {
    if (auto connection = weak.lock()) connection->close();
  }
  state_->api.finish_big_work();
}

Result<void> Server::listen(UniqueFd listening_socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(listening_socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return fail(errno_error("listening for the management API", errno));
  }
  tcp protocol = address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4();
  if (address.ss_family != AF_INET && address.ss_family != AF_INET6) {
    return fail(invalid_input("the management API listens on TCP sockets only"));
  }
  tcp::acceptor& acceptor = state_->acceptors.emplace_back(state_->loop);
  boost::system::error_code problem;
  (void)acceptor.assign(protocol, listening_socket.get(), problem);
  if (problem) {
    state_->acceptors.pop_back();
    return fail(internal_error("listening for the management API: " + problem.message()));
  }
  listening_socket.release();
  asio::co_spawn(state_->loop, State::accept(state_, &acceptor), asio::detached);
  return {};
}

void Server::stop() {
  state_->stopping = true;
  boost::system::error_code ignored;
  for (tcp::acceptor& acceptor : state_->acceptors) (void)acceptor.close(ignored);
  for (auto& weak : state_->connections) {
    if (auto connection = weak.lock()) connection->finish();
  }
}

std::size_t Server::connection_count() const { return state_->connections.size(); }

Task<void> Server::State::accept(std::shared_ptr<State> state, tcp::acceptor* acceptor) {
  while (!state->stopping) {
    auto [problem, socket] = co_await acceptor->async_accept(kAwaitTuple);
    if (problem == asio::error::operation_aborted || state->stopping) co_return;
    if (problem) {
      // Most likely out of descriptors: wait for some to be closed.
      asio::steady_timer pause(state->loop, std::chrono::milliseconds(50));
      co_await pause.async_wait(kAwaitTuple);
      continue;
    }
    if (state->connections.size() >= state->api.settings().max_connections) continue;
    auto connection = std::make_shared<Connection>(std::move(socket), state->api, state->budget);
    asio::co_spawn(state->loop, serve(state, std::move(connection)), asio::detached);
  }
}

Task<void> Server::State::serve(std::shared_ptr<State> state,
                                std::shared_ptr<Connection> connection) {
  auto place = state->connections.insert(state->connections.end(), connection);
  co_await connection->run();
  state->connections.erase(place);
}

}  // namespace atoll::management
