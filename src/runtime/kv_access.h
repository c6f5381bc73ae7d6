// How a Worker reaches KV: through the host's cache and the supervisor. Callbacks run on the host's
// thread, possibly before the call returns (a cached value).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace atoll::runtime {

struct KvEntry {
  std::string value;
  std::string metadata;  // JSON text, may be empty
  std::optional<std::int64_t> expires_at_seconds;
};

struct KvListedKey {
  std::string name;
  std::string metadata;
  std::optional<std::int64_t> expires_at_seconds;
};

struct KvPage {
  std::vector<KvListedKey> keys;
  bool complete = true;
};

class KvAccess {
 public:
  virtual ~KvAccess() = default;

  template <typename T>
  using Done = std::move_only_function<void(Result<T>)>;

  // Entries in the order asked for.
  virtual void get(std::uint64_t handle, std::vector<std::string> keys,
                   Done<std::vector<std::optional<KvEntry>>> done) = 0;
  // No entry removes the key. `done` means durable.
  virtual void write(std::uint64_t handle, std::string key, std::optional<KvEntry> entry,
                     Done<void> done) = 0;
  virtual void list(std::uint64_t handle, std::string prefix, std::string after, unsigned limit,
                    Done<KvPage> done) = 0;
};

}  // namespace atoll::runtime
