// BlobStore as files named by their content.
#pragma once

#include <memory>
#include <string>

#include "engines/embedded/files.h"
#include "engines/embedded/work_queue.h"
#include "store/blob_store.h"

namespace atoll::engines {

class EmbeddedBlobStore final : public store::BlobStore {
 public:
  // Creates `folder` and removes what interrupted writes left behind. Blocking.
  static Result<std::unique_ptr<EmbeddedBlobStore>> open_folder(const std::string& folder);

  Task<Result<std::string>> put(std::string bytes) override;
  Task<Result<std::string>> get(std::string id) override;
  Task<Result<UniqueFd>> open(std::string id) override;
  Task<Result<void>> remove(std::string id) override;

 private:
  explicit EmbeddedBlobStore(ContentFiles files);

  ContentFiles files_;
  JobQueue readers_;
  JobQueue writer_;  // one thread: removing and storing the same bytes must not overlap
};

}  // namespace atoll::engines
