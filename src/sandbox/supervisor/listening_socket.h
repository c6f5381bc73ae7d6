// Sockets on which the platform listens. The supervisor opens and keeps them.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace atoll::sandbox {

struct ListeningSocket {
  UniqueFd socket;      // non-blocking, close-on-exec, listening
  std::string address;  // as bound, with the actual port: 127.0.0.1:40001, [::1]:40001
};

// `address` is ADDR:PORT or [ADDR]:PORT with numeric parts; port 0 picks a free one. Errors:
// InvalidInput for a malformed address, Conflict when the port stays in use for half a second
// (which blocks), Denied when it may not be opened; each names the address.
Result<ListeningSocket> listen_on(const std::string& address);

// In which hosts pass on connections that they have no time for: who puts one in and who takes it
// out is up to them.
struct ConnectionQueue {
  UniqueFd in;
  UniqueFd out;
};
Result<ConnectionQueue> make_connection_queue();

}  // namespace atoll::sandbox
