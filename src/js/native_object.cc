#include "js/native_object.h"

#include "base/check.h"
#include "js/buffer_allocator.h"
#include "js/native_function.h"

namespace atoll::js {
namespace {

constexpr std::uint64_t kMark = 0x6174'6f6c'6c6f'626a;

struct Record {
  std::uint64_t mark = kMark;
  const void* type;
  std::shared_ptr<void> object;
  std::shared_ptr<MemoryAccount> account;
  std::size_t cost_bytes;
};

void release(void* data, std::size_t, void*) {
  auto* record = static_cast<Record*>(data);
  record->account->release(record->cost_bytes);
  delete record;
}

// The account gives up, and ends the Worker, after some refusals in a row; the collector may help
// before.
bool charge(v8::Isolate* isolate, MemoryAccount& account, std::size_t bytes) {
  while (!account.charge(bytes)) {
    if (account.exceeded()) return false;
    isolate->LowMemoryNotification();
  }
  return true;
}

}  // namespace

namespace internal {

v8::MaybeLocal<v8::ArrayBuffer> hold(v8::Isolate* isolate, std::shared_ptr<void> object,
                                     const void* type, std::size_t cost_bytes) {
  cost_bytes += sizeof(Record);
  std::shared_ptr<MemoryAccount> account = memory_account(isolate);
  if (!charge(isolate, *account, cost_bytes)) {
    throw_range_error(isolate, "The Worker's memory limit is reached.");
    return {};
  }
  auto* record = new Record{.type = type,
                            .object = std::move(object),
                            .account = std::move(account),
                            .cost_bytes = cost_bytes};
  std::unique_ptr<v8::BackingStore> store =
      v8::ArrayBuffer::NewBackingStore(record, sizeof(Record), release, nullptr);
  return v8::ArrayBuffer::New(isolate, std::move(store));
}

const std::shared_ptr<void>& held(v8::Local<v8::Value> value, const void* type) {
  CHECK(value->IsArrayBuffer());
  auto buffer = value.As<v8::ArrayBuffer>();
  CHECK(buffer->ByteLength() == sizeof(Record));
  const auto* record = static_cast<const Record*>(buffer->Data());
  CHECK(record->mark == kMark && record->type == type);
  return record->object;
}

}  // namespace internal
}  // namespace atoll::js
