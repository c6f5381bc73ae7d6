#include "js/buffer_allocator.h"

#include <cstdlib>

namespace atoll::js {
namespace {

class AccountedAllocator final : public v8::ArrayBuffer::Allocator {
 public:
  explicit AccountedAllocator(std::shared_ptr<MemoryAccount> account)
      : account_(std::move(account)) {}

  void* Allocate(size_t length) override { return charged(length, std::calloc(1, room(length))); }
  void* AllocateUninitialized(size_t length) override {
    return charged(length, std::malloc(room(length)));
  }
  void Free(void* data, size_t length) override {
    account_->release(length);
    std::free(data);
  }

  const std::shared_ptr<MemoryAccount>& account() const { return account_; }

 private:
  static size_t room(size_t length) { return length == 0 ? 1 : length; }

  void* charged(size_t length, void* data) {
    if (data == nullptr) return nullptr;
    if (account_->charge(length)) return data;
    std::free(data);
    return nullptr;
  }

  std::shared_ptr<MemoryAccount> account_;
};

}  // namespace

std::shared_ptr<v8::ArrayBuffer::Allocator> make_buffer_allocator(
    std::shared_ptr<MemoryAccount> account) {
  return std::make_shared<AccountedAllocator>(std::move(account));
}

const std::shared_ptr<MemoryAccount>& memory_account(v8::Isolate* isolate) {
  return static_cast<AccountedAllocator*>(isolate->GetArrayBufferAllocator())->account();
}

}  // namespace atoll::js
