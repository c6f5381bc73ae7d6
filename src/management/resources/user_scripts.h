// Scripts of a dispatch namespace as a collection, and reading one of them.
#pragma once

#include "management/resources/resource.h"

namespace atoll::management {

class UserScripts final : public Resource {
 public:
  using Resource::Resource;
  void add_routes(Router& router) override;

 private:
  Task<Answer<Response>> list(Call& call);
  Task<Answer<Response>> delete_matching(Call& call);
  Task<Answer<Response>> get(Call& call);
  Task<Answer<Response>> bindings(Call& call);
};

}  // namespace atoll::management
