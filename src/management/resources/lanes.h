// Lanes, hosts and trust groups. Resources of Atoll's own.
#pragma once

#include "management/platform_lanes.h"
#include "management/resources/resource.h"

namespace atoll::management {

class Lanes final : public Resource {
 public:
  // `platform` null: nobody runs anything.
  Lanes(Pieces pieces, PlatformLanes* platform) : Resource(pieces), platform_(platform) {}
  void add_routes(Router& router) override;

 private:
  Task<Answer<Response>> show(Call& call);
  Task<Answer<Response>> replace_hosts(Call& call);
  Task<Answer<Response>> list_groups(Call& call);
  Task<Answer<Response>> put_group(Call& call);
  Task<Answer<Response>> remove_group(Call& call);

  PlatformLanes* platform_;
};

}  // namespace atoll::management
