// Account-level scripts as a collection, the older `services` view of them, and the newer Worker
// resource.
#pragma once

#include "management/resources/resource.h"

namespace atoll::management {

class AccountScripts final : public Resource {
 public:
  using Resource::Resource;
  void add_routes(Router& router) override;

 private:
  Task<Answer<Response>> list(Call& call);
  Task<Answer<Response>> search(Call& call);
  Task<Answer<Response>> service(Call& call);
  Task<Answer<Response>> environment(Call& call);
  Task<Answer<Response>> references(Call& call);
  Task<Answer<Response>> consumed_tails(Call& call);
  Task<Answer<Response>> worker(Call& call);
  Task<Answer<Response>> patch_latest_version(Call& call);

  // By name, or by the 32 digits of its tag.
  Task<Answer<scripts::Script>> load_worker(Call& call);
  Task<Answer<std::vector<scripts::Script>>> load_all(Call& call, scripts::TagFilter filter);
};

}  // namespace atoll::management
