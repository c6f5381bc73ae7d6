// Every limit of the HTTP server, by name.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "http/codec/request_parser.h"

namespace atoll::http {

struct ServerLimits {
  HeadLimits head;                                       // 431, 414
  std::uint64_t request_body_bytes = 100 * 1024 * 1024;  // else 413
  std::size_t connections = 20'000;                      // further ones wait in the kernel's queue
  // Of unread input and unsent output together; beyond it what needs more of it gets 503.
  std::size_t buffered_bytes = std::size_t{512} << 20;

  // Times are kept by one coarse sweep: each may run out late by a quarter of the shortest of them,
  // or by 250 ms if that is less. A stalled event loop lengthens them.
  std::chrono::milliseconds idle_timeout{75'000};       // no request head begun: closed silently
  std::chrono::milliseconds header_timeout{15'000};     // from a head's first byte to its last: 408
  std::chrono::milliseconds body_read_timeout{30'000};  // a wanted body, no byte of it: 408
  std::chrono::milliseconds write_timeout{30'000};      // the client takes no byte: closed
  std::chrono::milliseconds linger_timeout{2'000};      // closing, while the client still sends
};

}  // namespace atoll::http
