// Zones: the domain names whose hosts routes and custom domains may claim.
#pragma once

#include "management/resources/resource.h"

namespace atoll::management {

class Zones final : public Resource {
 public:
  using Resource::Resource;
  void add_routes(Router& router) override;

 private:
  Task<Answer<Response>> list(Call& call);
  Task<Answer<Response>> create(Call& call);
  Task<Answer<Response>> get(Call& call);
  Task<Answer<Response>> remove(Call& call);
};

// The zone of the path, when it is the caller's. 404/7003 otherwise.
Task<Answer<scripts::Zone>> load_zone(scripts::Registry& registry, Call& call);

}  // namespace atoll::management
