#include "scripts/change.h"

namespace atoll::scripts {
namespace {

constexpr unsigned kScanAtOnce = 500;

}  // namespace

Error overtaken() {
  return Error(ErrorKind::Unavailable, "it was changed too often meanwhile, try again");
}

Error name_taken(std::string message) { return Error(ErrorKind::Conflict, std::move(message)); }

Task<Result<std::optional<std::string>>> Change::read(std::string key) {
  auto record = co_await meta_.get(key);
  CO_CHECK(record);
  transaction_.preconditions.push_back({key, *record ? (*record)->revision : 0});
  if (!*record) co_return std::nullopt;
  co_return std::move((*record)->value);
}

Task<Result<std::vector<store::MetaStore::Record>>> Change::read_all(std::string prefix) {
  auto records = co_await scan_all(meta_, std::move(prefix));
  CO_CHECK(records);
  for (const auto& record : *records) {
    transaction_.preconditions.push_back({record.key, record.revision});
  }
  co_return records;
}

Task<Result<bool>> Change::commit() {
  auto revision = co_await meta_.commit(std::move(transaction_));
  if (!revision && revision.error().kind() == ErrorKind::Conflict) co_return false;
  CO_CHECK(revision);
  co_return true;
}

Task<Result<std::vector<store::MetaStore::Record>>> scan_all(store::MetaStore& meta,
                                                             std::string prefix) {
  std::vector<store::MetaStore::Record> all;
  std::string after;
  while (true) {
    auto page = co_await meta.scan(prefix, after, kScanAtOnce);
    CO_CHECK(page);
    bool last = page->size() < kScanAtOnce;
    for (auto& record : *page) all.push_back(std::move(record));
    if (last) co_return all;
    after = all.back().key;
  }
}

Task<Result<std::optional<std::string>>> load(store::MetaStore& meta, std::string key) {
  auto record = co_await meta.get(std::move(key));
  CO_CHECK(record);
  if (!*record) co_return std::nullopt;
  co_return std::move((*record)->value);
}

}  // namespace atoll::scripts
