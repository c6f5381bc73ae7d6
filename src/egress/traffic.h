// How much went through a TCP connection, as the kernel counted.
#pragma once

#include <cstdint>

namespace atoll::egress {

struct Traffic {
  std::uint64_t sent = 0;      // without what was sent again
  std::uint64_t received = 0;  // the other side's end counts as one
};
Traffic traffic_of(int socket);

}  // namespace atoll::egress
