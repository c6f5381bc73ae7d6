// Immutable bytes under the name of their content: script bundles now, R2 bodies and assets later.
// Implementations live in engines/; each passes engines/blob_contract_test.cc.
#pragma once

#include <string>

#include "async/task.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace atoll::store {

class BlobStore {
 public:
  virtual ~BlobStore() = default;

  // Stores `bytes` and returns their id: SHA-256, 64 hexadecimal digits. Durable once the task
  // completes. Storing the same bytes again succeeds and costs no space.
  virtual Task<Result<std::string>> put(std::string bytes) = 0;

  // NotFound if absent, Internal if the stored bytes no longer match their id.
  virtual Task<Result<std::string>> get(std::string id) = 0;

  // A read-only descriptor of the whole blob, fit for mapping and for passing to another process.
  virtual Task<Result<UniqueFd>> open(std::string id) = 0;

  // Removing an absent blob succeeds.
  virtual Task<Result<void>> remove(std::string id) = 0;
};

}  // namespace atoll::store
