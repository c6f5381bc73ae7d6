// Keys and values, one namespace at a time. Implementations live in engines/; each passes
// engines/kv_contract_test.cc, which is the precise statement of what is promised here.
//
// Calls may overlap. Tasks are awaited on the supervisor's loop; engines do their I/O elsewhere.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "base/time.h"

namespace atoll::store {

class KvStore {
 public:
  virtual ~KvStore() = default;

  struct Entry {
    std::string value;
    std::string metadata;                // JSON text; empty where there is none
    std::optional<WallTime> expires_at;  // whole seconds
  };

  struct Write {
    std::string key;
    std::optional<Entry> entry;  // none removes the key; removing an absent key succeeds
  };

  // The newest entry: never expired, and never older than an acknowledged write.
  virtual Task<Result<std::optional<Entry>>> get(std::string namespace_id, std::string key) = 0;

  // Durable once the task completes; all of `writes` or none. The last writer wins.
  virtual Task<Result<void>> write(std::string namespace_id, std::vector<Write> writes) = 0;

  struct ListQuery {
    std::string prefix;
    std::string after;  // exclusive: keys greater than this one
    unsigned limit = 1000;
  };
  struct ListedKey {
    std::string name;
    std::string metadata;
    std::optional<WallTime> expires_at;
  };
  struct Page {
    std::vector<ListedKey> keys;
    bool complete = true;  // false: ask again after the last key
  };

  // Keys in byte order, without expired ones.
  virtual Task<Result<Page>> list(std::string namespace_id, ListQuery query) = 0;

  // Forgets the namespace and everything in it.
  virtual Task<Result<void>> drop_namespace(std::string namespace_id) = 0;
};

}  // namespace atoll::store
