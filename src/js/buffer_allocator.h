// Array buffer memory of one isolate, charged to its account.
#pragma once

#include <v8-array-buffer.h>
#include <v8-isolate.h>

#include <memory>

#include "js/memory_account.h"

namespace atoll::js {

// Buffers may outlive the isolate by a moment, so V8 shares ownership of the allocator; the account
// must be owned by the same object.
std::shared_ptr<v8::ArrayBuffer::Allocator> make_buffer_allocator(
    std::shared_ptr<MemoryAccount> account);

// The account that the isolate's allocator charges.
const std::shared_ptr<MemoryAccount>& memory_account(v8::Isolate* isolate);

}  // namespace atoll::js
