// One transaction in the making: what was read must still be so when it commits. Private to this
// room. An operation builds a Change, commits it, and starts over when it was overtaken:
//
//   for (Attempts attempts; attempts.next();) {
//     Change change(meta);
//     auto record = co_await change.read(key);
//     CO_CHECK(record);
//     change.put(key, …);
//     auto committed = co_await change.commit();
//     CO_CHECK(committed);
//     if (*committed) co_return …;
//   }
//   co_return fail(overtaken());
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "store/meta_store.h"

namespace atoll::scripts {

class Attempts {
 public:
  bool next() { return made_++ < kMaxAttempts; }

 private:
  // Each time somebody else got through, so this many must have overtaken one operation.
  static constexpr int kMaxAttempts = 200;
  int made_ = 0;
};

Error overtaken();                      // Unavailable
Error name_taken(std::string message);  // Conflict

class Change {
 public:
  explicit Change(store::MetaStore& meta) : meta_(meta) {}
  Change(const Change&) = delete;

  // The value, which must be unchanged at commit; nothing: the key must still be absent.
  Task<Result<std::optional<std::string>>> read(std::string key);

  // All records below the prefix, which must be unchanged at commit. New ones may appear: guard
  // against those by a record that their creators change too.
  Task<Result<std::vector<store::MetaStore::Record>>> read_all(std::string prefix);

  // The last call for a key counts.
  void put(std::string key, std::string value) {
    transaction_.writes.push_back({std::move(key), std::move(value)});
  }
  void remove(std::string key) { transaction_.writes.push_back({std::move(key), std::nullopt}); }

  // False: overtaken, nothing was written.
  Task<Result<bool>> commit();

 private:
  store::MetaStore& meta_;
  store::MetaStore::Transaction transaction_;
};

// Every record below the prefix, as of some moments during the call.
Task<Result<std::vector<store::MetaStore::Record>>> scan_all(store::MetaStore& meta,
                                                             std::string prefix);

// The value of a record; nothing where there is none.
Task<Result<std::optional<std::string>>> load(store::MetaStore& meta, std::string key);

}  // namespace atoll::scripts
