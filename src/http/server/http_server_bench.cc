// A server that says hello, and echoes bodies, for a load generator:
//   taskset -c 0 http_server_bench 8123 &  taskset -c 1 wrk -t1 -c64 -d5 http://127.0.0.1:8123/
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>

#include "base/check.h"
#include "http/server/server.h"

namespace {

class Hello final : public atoll::http::RequestHandler {
 public:
  void on_request(std::shared_ptr<atoll::http::Exchange> exchange) override {
    atoll::http::ResponseHead head;
    if (auto body = exchange->take_body()) {
      return exchange->respond(std::move(head), std::move(body));
    }
    CHECK(head.headers.append("Content-Type", "text/plain;charset=UTF-8"));
    exchange->respond(std::move(head), std::string("Hello World!"));
  }
};

atoll::UniqueFd listen_on(std::uint16_t port) {
  atoll::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  CHECK(::listen(fd.get(), 1024) == 0);
  return fd;
}

}  // namespace

int main(int argc, char** argv) {
  auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 8123);
  atoll::asio::io_context io(1);
  Hello hello;
  atoll::http::ServerLimits limits;
  limits.request_body_bytes = std::uint64_t{16} << 30;
  atoll::http::Server server(io, limits, hello);
  CHECK(server.listen(listen_on(port)));
  std::printf("hello at http://127.0.0.1:%u/\n", port);
  std::fflush(stdout);
  io.run();
}
