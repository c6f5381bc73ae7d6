// Dispatch namespaces: create, list, rename, trust, delete.
#pragma once

#include "management/resources/resource.h"

namespace atoll::management {

class DispatchNamespaces final : public Resource {
 public:
  using Resource::Resource;
  void add_routes(Router& router) override;

 private:
  Task<Answer<Response>> list(Call& call);
  Task<Answer<Response>> create(Call& call);
  Task<Answer<Response>> get(Call& call);
  Task<Answer<Response>> change(Call& call);
  Task<Answer<Response>> remove(Call& call);

  Task<Answer<scripts::DispatchNamespace>> load(Call& call);
  // The members `inbound` and `outbound` of `body` in `configuration`; absent ones stay.
  Task<Answer<void>> read_control(std::string account_id, const Json& body, Json& configuration);
  Task<Answer<Json>> view(const scripts::DispatchNamespace& dispatch_namespace);
};

}  // namespace atoll::management
