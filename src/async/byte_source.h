// A pull stream of bytes with one reader: request bodies, response bodies, bodies between isolates.
// Everything happens on the event loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"

namespace atoll {

class ByteSource {
 public:
  // A chunk; an empty chunk is the end; an Error means the rest will never come.
  using ReadDone = std::move_only_function<void(Result<std::string>)>;

  // Destroying a source that has not ended cancels it: the producer is told to stop, and a
  // pending ReadDone is dropped without being called.
  virtual ~ByteSource() = default;

  // Asks for the next chunk of any size; one read at a time. `done` runs exactly once, possibly
  // before read() returns. After the end or an error, read() must not be called again.
  virtual void read(ReadDone done) = 0;

  // Bytes still to come, where known from the start.
  virtual std::optional<std::uint64_t> length() const { return std::nullopt; }
};

}  // namespace atoll
