// Bytes outside the JavaScript heap that one isolate holds: array buffers, WebAssembly memory.
// Charged on the isolate's thread; released from any (the collector frees buffers in the
// background).
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

namespace v8 {
class Isolate;
}

namespace atoll::js {

class MemoryAccount : public std::enable_shared_from_this<MemoryAccount> {
 public:
  explicit MemoryAccount(std::size_t limit_bytes) : limit_(limit_bytes) {}

  // False when the limit would be passed: nothing is charged. V8 then collects garbage and asks
  // again; when it has got kRefusals in a row, exceeded() is true from then on.
  bool charge(std::size_t bytes) {
    std::size_t before = used_.fetch_add(bytes, std::memory_order_relaxed);
    if (before + bytes <= limit_) {
      refusals_ = 0;
      return true;
    }
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    if (bytes > limit_) return false;  // no collection could make room: the script may go on
    if (++refusals_ < kRefusals) return false;
    exceeded_ = true;
    if (on_exceeded_ != nullptr) on_exceeded_(owner_);
    return false;
  }
  void release(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

  // Whether charge() would agree; asking has no consequences.
  bool has_room(std::size_t bytes) const { return used() + bytes <= limit_; }

  std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  bool exceeded() const { return exceeded_; }

  // Called with `owner` at the moment the limit is exceeded, inside the allocation.
  void notify(void (*on_exceeded)(void*), void* owner) {
    on_exceeded_ = on_exceeded;
    owner_ = owner;
  }

 private:
  // V8 tries an array buffer four times, with three collections of garbage in between.
  static constexpr int kRefusals = 4;

  std::atomic<std::size_t> used_{0};
  std::size_t limit_;
  int refusals_ = 0;
  bool exceeded_ = false;
  void (*on_exceeded_)(void*) = nullptr;
  void* owner_ = nullptr;
};

}  // namespace atoll::js
