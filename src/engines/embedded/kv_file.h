// One KV namespace on disk: a SQLite file, and beside it the values too large for it as files named
// by their content. A writing and a reading KvFile of the same namespace may be used by two
// threads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engines/embedded/files.h"
#include "engines/embedded/sqlite.h"
#include "store/kv_store.h"

namespace atoll::engines {

// Larger values live in files: SQLite is faster below, files are above.
inline constexpr std::size_t kMaxInlineValue = 100 * 1024;

class KvFile {
 public:
  using Entry = store::KvStore::Entry;
  using Write = store::KvStore::Write;
  using Page = store::KvStore::Page;

  // `base` is the path without its ending.
  static Result<std::unique_ptr<KvFile>> open_to_write(const std::string& base);
  // Null while the namespace has never been written to.
  static Result<std::unique_ptr<KvFile>> open_to_read(const std::string& base);
  // Every handle must be closed, but for a reading one that is closed before its next use.
  static Result<void> erase(const std::string& base);

  // One durable transaction for all.
  Result<void> write(const std::vector<const std::vector<Write>*>& batches);
  // Deletes up to `limit` rows that have expired and tells how many it deleted.
  Result<std::size_t> purge(WallTime now, unsigned limit);
  // Removes large values that no row refers to: leftovers of a crash.
  Result<void> sweep();

  Result<std::optional<Entry>> get(const std::string& key, WallTime now);
  Result<Page> list(const store::KvStore::ListQuery& query, WallTime now);

 private:
  KvFile(Database database, std::string files_folder)
      : database_(std::move(database)), files_folder_(files_folder), files_(files_folder) {}

  Result<void> write_one(const Write& write, const std::optional<std::string>& file,
                         std::vector<std::string>& released);
  Result<void> remove_unused(const std::vector<std::string>& released);
  Result<bool> in_use(const std::string& file);

  Database database_;
  std::string files_folder_;
  ContentFiles files_;
  bool files_prepared_ = false;
};

}  // namespace atoll::engines
