// A body that JavaScript produces chunk by chunk and somebody else pulls: the writer learns when to
// wait, the reader is a ByteSource. All on the host's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "async/byte_source.h"
#include "runtime/scheduler.h"

namespace atoll::runtime {

class BodyPipe : public std::enable_shared_from_this<BodyPipe> {
 public:
  // `length`: what the writer promises, if it does.
  static std::shared_ptr<BodyPipe> make(std::optional<std::uint64_t> length);

  // The reading end; once.
  std::unique_ptr<ByteSource> reader();

  // True: go on writing. False: wait for on_drained, which is then called once, with false if the
  // reader went away. A waiting reader gets the chunk when the running turn is over.
  bool write(Scheduler& scheduler, std::string chunk);
  void close();
  void abort(Error error);
  bool reader_gone() const { return reader_gone_; }
  // The reader has no more use for it: a pending read ends, the writer gets to know `why`.
  void cancel(Error why);
  const std::optional<Error>& cancelled() const { return cancelled_; }

  // Called when a waiting writer may go on, or when the reader goes away.
  std::move_only_function<void(bool still_wanted)> on_drained;

 private:
  class Reader;

  void serve();
  void drained(bool still_wanted);

  std::deque<std::string> chunks_;
  std::size_t buffered_ = 0;
  std::optional<std::uint64_t> length_;
  bool closed_ = false;
  bool reader_gone_ = false;
  bool writer_waits_ = false;
  std::optional<Error> error_;
  std::optional<Error> cancelled_;
  ByteSource::ReadDone waiting_;
};

}  // namespace atoll::runtime
