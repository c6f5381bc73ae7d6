// A management API with stores in memory and the fake checker, for trying clients by hand:
//   rest_scratch_server [PORT]
// Prints {"api":"127.0.0.1:PORT",…} when it listens.
#include <arpa/inet.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <cstdlib>

#include "management/server.h"
#include "world.h"

namespace atoll::rest_test {
namespace {

UniqueFd listen_on_loopback(std::uint16_t port, std::uint16_t& chosen) {
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  CHECK(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  CHECK(::listen(socket.get(), 128) == 0);
  socklen_t size = sizeof address;
  CHECK(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  chosen = ntohs(address.sin_port);
  return socket;
}

void serve(std::uint16_t port) {
  asio::io_context loop;
  World world;
  asio::co_spawn(loop, world.populate(), asio::detached);
  management::Settings settings;
  settings.domain = "atoll.localhost";
  settings.public_scheme = "http";
  settings.on_failure = [](const management::Settings::Failure& failure) {
    std::fprintf(stderr, "%.*s %.*s %u/%u %.*s\n", static_cast<int>(failure.method.size()),
                 failure.method.data(), static_cast<int>(failure.path.size()), failure.path.data(),
                 failure.status, failure.code, static_cast<int>(failure.message.size()),
                 failure.message.data());
  };
  management::Server server(loop, world.dependencies(), std::move(settings));
  std::uint16_t chosen = 0;
  CHECK(server.listen(listen_on_loopback(port, chosen)));
  asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code, int) { server.stop(); });
  std::printf("{\"api\":\"127.0.0.1:%u\",\"account_id\":\"%s\",\"token\":\"%s\"}\n", chosen,
              std::string(kAccount).c_str(), std::string(kToken).c_str());
  std::fflush(stdout);
  loop.run();
}

}  // namespace
}  // namespace atoll::rest_test

int main(int argc, char** argv) {
  atoll::rest_test::serve(argc > 1 ? static_cast<std::uint16_t>(std::atoi(argv[1])) : 0);
}
