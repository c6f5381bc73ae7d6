// Secrets of scripts. Values go in and never come out. Each change makes a new deployed version.
#pragma once

#include "management/resources/resource.h"

namespace atoll::management {

class ScriptSecrets final : public Resource {
 public:
  using Resource::Resource;
  void add_routes(Router& router) override;

 private:
  Task<Answer<Response>> list(Call& call);
  Task<Answer<Response>> put(Call& call);
  Task<Answer<Response>> get(Call& call);
  Task<Answer<Response>> remove(Call& call);
  Task<Answer<Response>> bulk(Call& call);

  Task<Answer<std::vector<scripts::Binding>>> load_secrets(Call& call);
  Task<Answer<scripts::Published>> change(Call& call, Publisher::BindingChanges changes);
};

}  // namespace atoll::management
