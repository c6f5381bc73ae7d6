// Which account-level script answers for a pattern of a zone: the zone's own list, and wrangler's
// replacement of all routes of one script.
#pragma once

#include "management/resources/resource.h"

namespace atoll::management {

class ZoneRoutes final : public Resource {
 public:
  using Resource::Resource;
  void add_routes(Router& router) override;

 private:
  Task<Answer<Response>> list(Call& call);
  Task<Answer<Response>> create(Call& call);
  Task<Answer<Response>> get(Call& call);
  Task<Answer<Response>> replace(Call& call);
  Task<Answer<Response>> remove(Call& call);
  Task<Answer<Response>> list_for_script(Call& call);
  Task<Answer<Response>> replace_for_script(Call& call);

  Task<Answer<scripts::Route>> load(Call& call);
  Task<Answer<Response>> save(Call& call, scripts::Zone zone, std::string route_id);
  Task<Answer<scripts::Routes::Target>> read_target(Call& call, Json entry);
};

}  // namespace atoll::management
