// A body on its way past JavaScript, which wants to hear of the end.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "async/byte_source.h"

namespace atoll::runtime {

class WatchedSource final : public ByteSource {
 public:
  // How it ended: read to the end (true), given up by the reader before that (false), or broken
  // off. Called once, at all sorts of moments.
  using Over = std::move_only_function<void(Result<bool>)>;

  // `length` in the place of the one that `inner` may know.
  WatchedSource(std::unique_ptr<ByteSource> inner, std::optional<std::uint64_t> length, Over over)
      : inner_(std::move(inner)), length_(length), over_(std::move(over)) {}
  ~WatchedSource() override { tell(false); }

  void read(ReadDone done) override {
    inner_->read([this, done = std::move(done)](Result<std::string> chunk) mutable {
      // `done` may destroy this.
      if (!chunk) {
        tell(fail(Error(chunk.error())));
      } else if (chunk->empty()) {
        tell(true);
      }
      done(std::move(chunk));
    });
  }

  std::optional<std::uint64_t> length() const override { return length_; }

 private:
  void tell(Result<bool> how) {
    if (over_) std::exchange(over_, nullptr)(std::move(how));
  }

  std::unique_ptr<ByteSource> inner_;
  std::optional<std::uint64_t> length_;
  Over over_;
};

}  // namespace atoll::runtime
