#include "engines/embedded/blob_store.h"

namespace atoll::engines {

Result<std::unique_ptr<EmbeddedBlobStore>> EmbeddedBlobStore::open_folder(
    const std::string& folder) {
  ContentFiles files(folder);
  TRY_VOID(files.prepare());
  return std::unique_ptr<EmbeddedBlobStore>(new EmbeddedBlobStore(std::move(files)));
}

EmbeddedBlobStore::EmbeddedBlobStore(ContentFiles files)
    : files_(std::move(files)), readers_(2), writer_(1) {}

Task<Result<std::string>> EmbeddedBlobStore::put(std::string bytes) {
  return writer_.run([this, bytes = std::move(bytes)] { return files_.put(bytes); });
}

Task<Result<std::string>> EmbeddedBlobStore::get(std::string id) {
  return readers_.run([this, id = std::move(id)] { return files_.get(id); });
}

Task<Result<UniqueFd>> EmbeddedBlobStore::open(std::string id) {
  return readers_.run([this, id = std::move(id)] { return files_.open(id); });
}

Task<Result<void>> EmbeddedBlobStore::remove(std::string id) {
  return writer_.run([this, id = std::move(id)] { return files_.remove(id); });
}

}  // namespace atoll::engines
