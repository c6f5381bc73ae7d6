// The storage engine of one machine: SQLite and files in one folder, which one process owns.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engines/embedded/blob_store.h"
#include "engines/embedded/kv_store.h"
#include "engines/embedded/meta_store.h"

namespace atoll::engines {

class EmbeddedEngine {
 public:
  struct Options {
    std::string folder;  // created if its parent exists
    EmbeddedKvStore::Clock now = wall_now;
    EmbeddedKvStore::Shape kv{};
  };

  // Blocking. The message names the folder and what is wrong with it: not writable, in use by
  // another process (Unavailable), a file damaged or made by a newer Atoll.
  static Result<std::unique_ptr<EmbeddedEngine>> open(Options options);

  // Completes the operations that have been started; none may be started any more. Every executor
  // on which one is awaited must still exist.
  ~EmbeddedEngine();

  store::MetaStore& meta() { return *meta_; }
  store::KvStore& kv() { return *kv_; }
  store::BlobStore& blobs() { return *blobs_; }

 private:
  EmbeddedEngine() = default;

  UniqueFd lock_;  // held until the stores are closed; children do not inherit it over exec
  std::unique_ptr<EmbeddedMetaStore> meta_;
  std::unique_ptr<EmbeddedKvStore> kv_;
  std::unique_ptr<EmbeddedBlobStore> blobs_;
};

}  // namespace atoll::engines
