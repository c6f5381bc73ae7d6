#include "egress/traffic.h"

// Not <netinet/tcp.h>, whose tcp_info lacks the counters; the two exclude each other.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace atoll::egress {

Traffic traffic_of(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  return {info.tcpi_bytes_sent - info.tcpi_bytes_retrans, info.tcpi_bytes_received};
}

}  // namespace atoll::egress
