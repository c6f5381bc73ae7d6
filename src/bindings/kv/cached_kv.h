// KV as a host's Workers reach it: a bounded cache of recently read entries over the supervisor's
// store. The supervisor says when a cached key was written elsewhere, so a read is never older than
// an acknowledged write of this machine.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <list>
#include <memory>
#include <string>

#include "runtime/kv_access.h"
#include "sandbox/border/supervisor_link.h"

namespace atoll::bindings {

class CachedKv final : public runtime::KvAccess {
 public:
  // `link` outlives this.
  CachedKv(border::SupervisorLink& link, std::size_t capacity_bytes);

  void get(std::uint64_t handle, std::vector<std::string> keys,
           Done<std::vector<std::optional<runtime::KvEntry>>> done) override;
  void write(std::uint64_t handle, std::string key, std::optional<runtime::KvEntry> entry,
             Done<void> done) override;
  void list(std::uint64_t handle, std::string prefix, std::string after, unsigned limit,
            Done<runtime::KvPage> done) override;

  // Keys written elsewhere; none means all of that namespace.
  void forget(border::Handle handle, const std::vector<std::string>& keys);

 private:
  struct Key {
    border::Handle handle;
    std::string name;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return std::hash<std::string>()(key.name) ^ (key.handle * 0x9E3779B97F4A7C15ull);
    }
  };
  struct Cached {
    Key key;
    std::optional<runtime::KvEntry> entry;  // none: known to be absent
    std::size_t bytes;
  };
  using Order = std::list<Cached>;  // most recently used first

  const Cached* find(const Key& key);
  void remember(Key key, std::optional<runtime::KvEntry> entry);
  void drop(Order::iterator cached);

  border::SupervisorLink& link_;
  std::size_t capacity_bytes_;
  std::size_t used_bytes_ = 0;
  Order order_;
  boost::unordered_flat_map<Key, Order::iterator, KeyHash> index_;
};

}  // namespace atoll::bindings
