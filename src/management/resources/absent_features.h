// Products this server does not have yet, as far as stock clients look at them on the way to
// something else: their lists are empty, and their members are not there.
#pragma once

#include "management/resources/resource.h"

namespace atoll::management {

class AbsentFeatures final : public Resource {
 public:
  using Resource::Resource;
  void add_routes(Router& router) override;

 private:
  Task<Answer<Response>> empty_page(Call& call);
  Task<Answer<Response>> empty_buckets(Call& call);
  Task<Answer<Response>> no_bucket(Call& call);
  Task<Answer<Response>> no_database(Call& call);
  Task<Answer<Response>> refuse(Call& call);
};

}  // namespace atoll::management
