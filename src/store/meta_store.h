// The control plane's records: an ordered map of keys to small JSON documents with transactions.
// Accounts, namespaces, scripts, versions, routes and secrets live here. Implementations live in
// engines/; each passes engines/meta_contract_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/result.h"

namespace atoll::store {

// Grows by at least one with each committed transaction.
using Revision = std::uint64_t;

class MetaStore {
 public:
  virtual ~MetaStore() = default;

  struct Record {
    std::string key;
    std::string value;
    Revision revision = 0;  // of the transaction that wrote it
  };

  struct Precondition {
    std::string key;
    Revision revision = 0;  // the record must still have this revision; 0: must not exist
  };
  struct Write {
    std::string key;
    std::optional<std::string> value;  // none removes the record
  };
  struct Transaction {
    std::vector<Precondition> preconditions;
    std::vector<Write> writes;
  };

  virtual Task<Result<std::optional<Record>>> get(std::string key) = 0;

  // Records whose key starts with `prefix` and is greater than `after`, in byte order.
  virtual Task<Result<std::vector<Record>>> scan(std::string prefix, std::string after,
                                                 unsigned limit) = 0;

  // All writes or none; durable once the task completes. A failed precondition is
  // ErrorKind::Conflict and writes nothing.
  virtual Task<Result<Revision>> commit(Transaction transaction) = 0;
};

}  // namespace atoll::store
