// Hostnames that belong whole to one account-level script.
#pragma once

#include "management/resources/resource.h"

namespace atoll::management {

class CustomDomains final : public Resource {
 public:
  using Resource::Resource;
  void add_routes(Router& router) override;

 private:
  Task<Answer<Response>> list(Call& call);
  Task<Answer<Response>> attach(Call& call);
  Task<Answer<Response>> get(Call& call);
  Task<Answer<Response>> remove(Call& call);
  Task<Answer<Response>> plan_changes(Call& call);
  Task<Answer<Response>> replace_records(Call& call);

  Task<Answer<scripts::CustomDomain>> read_domain(Call& call, Json entry, std::string script);
  Task<Answer<std::vector<scripts::CustomDomain>>> read_domains(Call& call, Json entries,
                                                                std::string script);
  Task<Answer<scripts::CustomDomain>> load(Call& call);
};

}  // namespace atoll::management
