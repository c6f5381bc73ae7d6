// The body of one request, as a stream for its consumer. Internal to the server.
#pragma once

#include <cstdint>
#include <optional>

#include "async/byte_source.h"

namespace atoll::http {

class Connection;

class RequestBody final : public ByteSource {
 public:
  // `connection` may be null: every read fails then.
  RequestBody(Connection* connection, std::optional<std::uint64_t> length)
      : connection_(connection), length_(length) {}
  ~RequestBody() override;

  void read(ReadDone done) override;
  std::optional<std::uint64_t> length() const override { return length_; }

  // The connection lets go: what was not read until now fails, or ends when all was read.
  void detach() { connection_ = nullptr; }
  void note_end() { ended_ = true; }

 private:
  Connection* connection_;
  std::optional<std::uint64_t> length_;
  bool ended_ = false;  // all bytes were handed out
};

}  // namespace atoll::http
