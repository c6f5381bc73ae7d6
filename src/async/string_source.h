// Bytes at hand, where a ByteSource is asked for.
#pragma once

#include <string>
#include <utility>

#include "async/byte_source.h"

namespace atoll {

class StringSource final : public ByteSource {
 public:
  explicit StringSource(std::string bytes) : length_(bytes.size()), bytes_(std::move(bytes)) {}

  void read(ReadDone done) override { done(std::exchange(bytes_, {})); }
  std::optional<std::uint64_t> length() const override { return length_; }

 private:
  std::uint64_t length_;
  std::string bytes_;
};

}  // namespace atoll
