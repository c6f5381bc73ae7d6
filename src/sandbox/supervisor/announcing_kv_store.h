// A KvStore whose writes the isolate hosts hear of before they are answered: what the management
// API writes through. Hosts write past it, see HostSession.
#pragma once

#include "sandbox/supervisor/host_fleet.h"
#include "store/kv_store.h"

namespace atoll::sandbox {

class AnnouncingKvStore final : public store::KvStore {
 public:
  // Both outlive this.
  AnnouncingKvStore(store::KvStore& store, HostFleet& fleet) : store_(store), fleet_(fleet) {}

  Task<Result<std::optional<Entry>>> get(std::string namespace_id, std::string key) override {
    return store_.get(std::move(namespace_id), std::move(key));
  }
  Task<Result<void>> write(std::string namespace_id, std::vector<Write> writes) override;
  Task<Result<Page>> list(std::string namespace_id, ListQuery query) override {
    return store_.list(std::move(namespace_id), std::move(query));
  }
  Task<Result<void>> drop_namespace(std::string namespace_id) override;

 private:
  store::KvStore& store_;
  HostFleet& fleet_;
};

}  // namespace atoll::sandbox
