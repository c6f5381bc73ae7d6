// Dispatch namespaces: named folders of user scripts.
// Promises common to all registry classes are in registry.h.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scripts/backing.h"
#include "scripts/records.h"

namespace atoll::scripts {

class DispatchNamespaces {
 public:
  explicit DispatchNamespaces(Backing backing) : backing_(backing) {}

  struct Created {
    DispatchNamespace dispatch_namespace;
    bool existed = false;  // the name was taken: this is the one that has it
  };
  // Never fails because the name exists. InvalidInput for a bad name.
  Task<Result<Created>> create(std::string account_id, std::string name, Author author);

  Task<Result<std::optional<DispatchNamespace>>> find(std::string account_id, std::string name);
  Task<Result<std::optional<DispatchNamespace>>> find_by_id(std::string id);
  Task<Result<std::vector<DispatchNamespace>>> list(std::string account_id);  // by name

  // Applies `edit` to name, trusted_workers and configuration; changes to other members are
  // ignored. Renaming keeps id and scripts. `edit` may run several times. NotFound; Conflict when
  // the new name is taken.
  using Edit = std::function<Result<void>(DispatchNamespace&)>;
  Task<Result<DispatchNamespace>> update(std::string account_id, std::string name, Author author,
                                         Edit edit);

  // Exact as of some moment during the call.
  Task<Result<std::uint64_t>> count_scripts(std::string id);

  // NotFound; Conflict while it has scripts: delete those first (Scripts::delete_all).
  Task<Result<void>> remove(std::string account_id, std::string name);

 private:
  Backing backing_;
};

}  // namespace atoll::scripts
