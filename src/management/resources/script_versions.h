// Versions and deployments of scripts.
#pragma once

#include "management/resources/resource.h"

namespace atoll::management {

class ScriptVersions final : public Resource {
 public:
  using Resource::Resource;
  void add_routes(Router& router) override;

 private:
  Task<Answer<Response>> list_versions(Call& call);
  Task<Answer<Response>> upload_version(Call& call);
  Task<Answer<Response>> version(Call& call);
  Task<Answer<Response>> list_deployments(Call& call);
  Task<Answer<Response>> deploy(Call& call);
  Task<Answer<Response>> deployment(Call& call);
  Task<Answer<Response>> delete_deployment(Call& call);

  // 10220 when going back to `target` would bring back other secrets than are deployed now.
  Task<Answer<void>> check_secrets_unchanged(const ScriptAddress& address,
                                             const scripts::ScriptState& state,
                                             const std::vector<scripts::Deployment::Share>& shares);
};

}  // namespace atoll::management
