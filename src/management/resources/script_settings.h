// What belongs to a script beside its code: settings, tags, workers.dev switch, schedules.
#pragma once

#include "management/resources/resource.h"

namespace atoll::management {

class ScriptSettings final : public Resource {
 public:
  using Resource::Resource;
  void add_routes(Router& router) override;

 private:
  Task<Answer<Response>> settings(Call& call);
  Task<Answer<Response>> edit_settings(Call& call);
  Task<Answer<Response>> script_settings(Call& call);
  Task<Answer<Response>> edit_script_settings(Call& call);
  Task<Answer<Response>> tags(Call& call);
  Task<Answer<Response>> replace_tags(Call& call);
  Task<Answer<Response>> add_tag(Call& call);
  Task<Answer<Response>> remove_tag(Call& call);
  Task<Answer<Response>> subdomain(Call& call);
  Task<Answer<Response>> change_subdomain(Call& call);
  Task<Answer<Response>> disable_subdomain(Call& call);
  Task<Answer<Response>> schedules(Call& call);
  Task<Answer<Response>> replace_schedules(Call& call);

  Task<Answer<scripts::Script>> update(Call& call, scripts::Scripts::Edit edit);
};

}  // namespace atoll::management
