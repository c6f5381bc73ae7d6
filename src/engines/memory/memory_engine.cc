#include "engines/memory/memory_engine.h"

#include <sys/mman.h>

#include <cerrno>

#include "crypto/digest.h"
#include "engines/key_range.h"

namespace atoll::engines {
namespace {

Error no_such_blob(const std::string& id) { return not_found("there is no blob " + id); }

}  // namespace

Task<Result<std::optional<store::MetaStore::Record>>> MemoryMetaStore::get(std::string key) {
  auto found = records_.find(key);
  if (found == records_.end()) co_return std::nullopt;
  co_return found->second;
}

Task<Result<std::vector<store::MetaStore::Record>>> MemoryMetaStore::scan(std::string prefix,
                                                                          std::string after,
                                                                          unsigned limit) {
  KeyRange range = key_range(prefix, after);
  std::vector<Record> records;
  for (auto at = records_.lower_bound(range.from); at != records_.end(); ++at) {
    if ((range.to && at->first >= *range.to) || records.size() == limit) break;
    records.push_back(at->second);
  }
  co_return records;
}

Task<Result<store::Revision>> MemoryMetaStore::commit(Transaction transaction) {
  if (before_commit) before_commit(transaction);
  for (const Precondition& expected : transaction.preconditions) {
    auto found = records_.find(expected.key);
    store::Revision actual = found == records_.end() ? 0 : found->second.revision;
    if (actual != expected.revision) {
      co_return fail(Error(ErrorKind::Conflict, "a record was changed meanwhile"));
    }
  }
  ++revision_;
  for (Write& write : transaction.writes) {
    if (write.value) {
      records_[write.key] = {write.key, *write.value, revision_};
    } else {
      records_.erase(write.key);
    }
  }
  co_return revision_;
}

Task<Result<std::optional<store::KvStore::Entry>>> MemoryKvStore::get(std::string namespace_id,
                                                                      std::string key) {
  auto& entries = namespaces_[namespace_id];
  auto found = entries.find(key);
  if (found == entries.end()) co_return std::nullopt;
  if (found->second.expires_at && *found->second.expires_at <= now_()) co_return std::nullopt;
  co_return found->second;
}

Task<Result<void>> MemoryKvStore::write(std::string namespace_id, std::vector<Write> writes) {
  auto& entries = namespaces_[namespace_id];
  for (Write& write : writes) {
    if (write.entry) {
      entries[write.key] = std::move(*write.entry);
    } else {
      entries.erase(write.key);
    }
  }
  co_return Result<void>();
}

Task<Result<store::KvStore::Page>> MemoryKvStore::list(std::string namespace_id, ListQuery query) {
  KeyRange range = key_range(query.prefix, query.after);
  auto& entries = namespaces_[namespace_id];
  Page page;
  for (auto at = entries.lower_bound(range.from); at != entries.end(); ++at) {
    if (range.to && at->first >= *range.to) break;
    if (at->second.expires_at && *at->second.expires_at <= now_()) continue;
    if (page.keys.size() == query.limit) {
      page.complete = false;
      break;
    }
    page.keys.push_back({at->first, at->second.metadata, at->second.expires_at});
  }
  co_return page;
}

Task<Result<void>> MemoryKvStore::drop_namespace(std::string namespace_id) {
  namespaces_.erase(namespace_id);
  co_return Result<void>();
}

Task<Result<std::string>> MemoryBlobStore::put(std::string bytes) {
  std::string id = crypto::sha256_hex(bytes);
  blobs_[id] = std::move(bytes);
  co_return id;
}

Task<Result<std::string>> MemoryBlobStore::get(std::string id) {
  auto found = blobs_.find(id);
  if (found == blobs_.end()) co_return fail(no_such_blob(id));
  co_return found->second;
}

Task<Result<UniqueFd>> MemoryBlobStore::open(std::string id) {
  auto found = blobs_.find(id);
  if (found == blobs_.end()) co_return fail(no_such_blob(id));
  UniqueFd fd(::memfd_create("blob", MFD_CLOEXEC));
  if (!fd) co_return fail(errno_error("opening a blob", errno));
  const std::string& bytes = found->second;
  if (::write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    co_return fail(errno_error("opening a blob", errno));
  }
  co_return fd;
}

Task<Result<void>> MemoryBlobStore::remove(std::string id) {
  blobs_.erase(id);
  co_return Result<void>();
}

}  // namespace atoll::engines
