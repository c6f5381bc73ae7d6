#include "sandbox/supervisor/listening_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <thread>

namespace atoll::sandbox {
namespace {

constexpr int kBacklog = 4096;  // the kernel lowers it to net.core.somaxconn

struct SocketAddress {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

Result<SocketAddress> parse(const std::string& text) {
  std::size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon == std::string::npos ? 0 : colon);
  std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
  std::uint16_t number = 0;
  auto end = std::from_chars(port.data(), port.data() + port.size(), number);
  bool port_good = !port.empty() && end.ec == std::errc() && end.ptr == port.data() + port.size();
  SocketAddress address;
  if (port_good && host.starts_with('[') && host.ends_with(']')) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address.bytes);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(number);
    address.size = sizeof v6;
    host = host.substr(1, host.size() - 2);
    if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) return address;
  } else if (port_good) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(address.bytes);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(number);
    address.size = sizeof v4;
    if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) return address;
  }
  return fail(invalid_input("\"" + text + "\" is no address: expected ADDR:PORT, for example " +
                            "127.0.0.1:8080 or [::1]:8080"));
}

// After a supervisor was killed its hosts hold the address for the moment it takes them to end.
bool bind_patiently(int socket, const SocketAddress& address) {
  auto give_up = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
  while (::bind(socket, reinterpret_cast<const sockaddr*>(&address.bytes), address.size) != 0) {
    if (errno != EADDRINUSE || std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

Error bind_error(const std::string& text, int error) {
  if (error == EADDRINUSE) return Error(ErrorKind::Conflict, "the address " + text + " is in use");
  if (error == EACCES) {
    return Error(ErrorKind::Denied, "the address " + text + " may not be opened by this user");
  }
  return errno_error("listening on " + text, error);
}

std::string format(const sockaddr_storage& bytes) {
  char host[INET6_ADDRSTRLEN] = {};
  if (bytes.ss_family == AF_INET6) {
    auto& v6 = reinterpret_cast<const sockaddr_in6&>(bytes);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
    return "[" + std::string(host) + "]:" + std::to_string(ntohs(v6.sin6_port));
  }
  auto& v4 = reinterpret_cast<const sockaddr_in&>(bytes);
  ::inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host);
  return std::string(host) + ":" + std::to_string(ntohs(v4.sin_port));
}

}  // namespace

Result<ListeningSocket> listen_on(const std::string& text) {
  SocketAddress address = TRY(parse(text));
  UniqueFd socket(::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return fail(errno_error("making a socket for " + text, errno));
  int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Accepted connections inherit it: small answers must not wait for the peer's acknowledgement.
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (!bind_patiently(socket.get(), address) || ::listen(socket.get(), kBacklog) != 0) {
    return fail(bind_error(text, errno));
  }
  SocketAddress bound;
  bound.size = sizeof bound.bytes;
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound.bytes), &bound.size);
  return ListeningSocket{std::move(socket), format(bound.bytes)};
}

Result<ConnectionQueue> make_connection_queue() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
    return fail(errno_error("making a queue of connections", errno));
  }
  return ConnectionQueue{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

}  // namespace atoll::sandbox
