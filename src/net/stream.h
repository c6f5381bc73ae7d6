// A connection as its user sees it: bytes in both directions, plain TCP or TLS.
//
// Everything happens on the event loop's thread. Callbacks run from the loop, never from inside the
// call that asked, so a loop of reads does not recurse; a callback may do anything with the stream,
// destroy it included. Destroying a stream closes the connection at once and drops the callbacks
// that wait without calling them.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace atoll::net {

class Stream {
 public:
  // Bytes that arrived, at most kMaxReadBytes of them; none is the end of what the other side
  // sends. An error (Unavailable: reset, broken TLS) ends both directions.
  using ReadDone = std::move_only_function<void(Result<std::string>)>;
  using Done = std::move_only_function<void(Result<void>)>;

  static constexpr std::size_t kMaxReadBytes = 64 << 10;

  virtual ~Stream() = default;

  // Asks for bytes; one read at a time. Nothing is taken from the kernel (beyond one TLS record)
  // that nobody asked for, so not reading is back-pressure. A read may wait for as long as the
  // stream lives: on a connection kept for later it tells when the other side closes. After the
  // end or an error, read() answers the same again.
  virtual void read(ReadDone done) = 0;

  // Drops a waiting read without calling it. No byte is lost: the next read gets it.
  virtual void cancel_read() = 0;

  // Sends all of `bytes`; one write at a time. `done` runs when the kernel has taken them, which is
  // the back-pressure. A write may fail while reading still works: the other side may have
  // answered and closed.
  virtual void write(std::string bytes, Done done) = 0;

  // Tells the other side that nothing more will be sent (FIN; under TLS close_notify too). Not
  // while a write is under way. Reading goes on.
  virtual void shutdown_write(Done done) = 0;

  // What TLS agreed on with ALPN ("http/1.1"); empty without.
  virtual const std::string& protocol() const = 0;
};

}  // namespace atoll::net
