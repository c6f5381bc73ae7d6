// Which KV namespaces exist. Keys and values are in store/kv_store.h.
// Promises common to all registry classes are in registry.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scripts/backing.h"
#include "scripts/records.h"

namespace atoll::scripts {

inline constexpr std::size_t kMaxKvTitleBytes = 512;

class KvNamespaces {
 public:
  explicit KvNamespaces(Backing backing) : backing_(backing) {}

  // Conflict when the account has one of that title; InvalidInput for an empty or too long title.
  Task<Result<KvNamespace>> create(std::string account_id, std::string title);
  Task<Result<KvNamespace>> rename(std::string account_id, std::string id, std::string title);
  Task<Result<std::optional<KvNamespace>>> find(std::string account_id, std::string id);

  enum class Order { ById, ByTitle };
  // All of the account's, ascending in byte order.
  Task<Result<std::vector<KvNamespace>>> list(std::string account_id, Order order);

  // NotFound. Awaits ScriptEvents::on_kv_namespace_deleted.
  Task<Result<void>> remove(std::string account_id, std::string id);

  // Sends the event again for removals whose listener may not have finished when the process ended.
  // Call at start.
  Task<Result<void>> finish_removals();

 private:
  Task<Result<void>> finish_removal(std::string id);

  Backing backing_;
};

}  // namespace atoll::scripts
