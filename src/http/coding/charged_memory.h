// Memory for compression libraries, charged to a script's account. The address of one is what they
// call `opaque`; it must not move while they hold memory.
#pragma once

#include <cstdlib>
#include <cstring>
#include <memory>

#include "js/memory_account.h"

namespace atoll::http {

class ChargedMemory {
 public:
  explicit ChargedMemory(std::shared_ptr<js::MemoryAccount> account)
      : account_(std::move(account)) {}
  ChargedMemory(const ChargedMemory&) = delete;
  ChargedMemory& operator=(const ChargedMemory&) = delete;

  // Null when the account or the system refuses.
  static void* allocate(void* opaque, std::size_t size) {
    auto& self = *static_cast<ChargedMemory*>(opaque);
    std::size_t whole = size + kPrefix;
    if (whole < size) return nullptr;
    if (self.account_ && !self.account_->charge(whole)) return nullptr;
    char* memory = static_cast<char*>(std::malloc(whole));
    if (memory == nullptr) {
      if (self.account_) self.account_->release(whole);
      return nullptr;
    }
    std::memcpy(memory, &whole, sizeof(whole));
    return memory + kPrefix;
  }
  static void* allocate_array(void* opaque, unsigned count, unsigned size) {
    return allocate(opaque, std::size_t{count} * size);
  }
  static void release(void* opaque, void* address) {
    if (address == nullptr) return;
    auto& self = *static_cast<ChargedMemory*>(opaque);
    char* memory = static_cast<char*>(address) - kPrefix;
    std::size_t whole;
    std::memcpy(&whole, memory, sizeof(whole));
    if (self.account_) self.account_->release(whole);
    std::free(memory);
  }

 private:
  static constexpr std::size_t kPrefix = 16;  // the size, and the alignment of malloc

  std::shared_ptr<js::MemoryAccount> account_;
};

}  // namespace atoll::http
