// All stores in memory, for tests of other rooms: same promises but durability. One thread.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "store/blob_store.h"
#include "store/kv_store.h"
#include "store/meta_store.h"

namespace atoll::engines {

class MemoryMetaStore final : public store::MetaStore {
 public:
  Task<Result<std::optional<Record>>> get(std::string key) override;
  Task<Result<std::vector<Record>>> scan(std::string prefix, std::string after,
                                         unsigned limit) override;
  Task<Result<store::Revision>> commit(Transaction transaction) override;

  // Runs before each commit: tests change records here to provoke a Conflict.
  std::function<void(const Transaction&)> before_commit;
  const std::map<std::string, Record>& records() const { return records_; }

 private:
  std::map<std::string, Record> records_;
  store::Revision revision_ = 0;
};

class MemoryKvStore final : public store::KvStore {
 public:
  explicit MemoryKvStore(std::function<WallTime()> now = wall_now) : now_(std::move(now)) {}

  Task<Result<std::optional<Entry>>> get(std::string namespace_id, std::string key) override;
  Task<Result<void>> write(std::string namespace_id, std::vector<Write> writes) override;
  Task<Result<Page>> list(std::string namespace_id, ListQuery query) override;
  Task<Result<void>> drop_namespace(std::string namespace_id) override;

 private:
  std::function<WallTime()> now_;
  std::map<std::string, std::map<std::string, Entry>> namespaces_;
};

class MemoryBlobStore final : public store::BlobStore {
 public:
  Task<Result<std::string>> put(std::string bytes) override;
  Task<Result<std::string>> get(std::string id) override;
  Task<Result<UniqueFd>> open(std::string id) override;
  Task<Result<void>> remove(std::string id) override;

  std::size_t size() const { return blobs_.size(); }

 private:
  std::map<std::string, std::string> blobs_;
};

}  // namespace atoll::engines
