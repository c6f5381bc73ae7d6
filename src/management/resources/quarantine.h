// Scripts that brought hosts down: a look at them, and letting one go. A resource of Atoll's own.
#pragma once

#include "management/held_scripts.h"
#include "management/resources/resource.h"

namespace atoll::management {

class Quarantine final : public Resource {
 public:
  Quarantine(Pieces pieces, HeldScripts* held) : Resource(pieces), held_(held) {}
  void add_routes(Router& router) override;

 private:
  Task<Answer<Response>> list(Call& call);
  Task<Answer<Response>> release_account_script(Call& call);
  Task<Answer<Response>> release_user_script(Call& call);
  Answer<Response> release(const scripts::Scope& scope, const std::string& script);

  HeldScripts* held_;
};

}  // namespace atoll::management
