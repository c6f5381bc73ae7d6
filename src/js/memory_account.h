// Bytes outside the JavaScript heap that one isolate holds: array buffers, WebAssembly memory.
// Charged on the isolate's thread; released from any (the collector frees buffers in the background).
#pragma once

#include <atomic>
#include <cstddef>

namespace v8 {
class Isolate;
}

namespace atoll::js {

class MemoryAccount {
 public:
  explicit MemoryAccount(std::size_t limit_bytes) : limit_(limit_bytes) {}

  // False when the limit would be passed: nothing is charged, and exceeded() is true from then on.
  bool charge(std::size_t bytes) {
    std::size_t before = used_.fetch_add(bytes, std::memory_order_relaxed);
    if (before + bytes <= limit_) return true;
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    exceeded_ = true;
    if (on_exceeded_ != nullptr) on_exceeded_(owner_);
    return false;
  }
  void release(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

  std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  bool exceeded() const { return exceeded_; }

  // Called with `owner` at the moment the limit says no, inside the allocation.
  void notify(void (*on_exceeded)(void*), void* owner) {
    on_exceeded_ = on_exceeded;
    owner_ = owner;
  }

 private:
  std::atomic<std::size_t> used_{0};
  std::size_t limit_;
  bool exceeded_ = false;
  void (*on_exceeded_)(void*) = nullptr;
  void* owner_ = nullptr;
};

}  // namespace atoll::js
