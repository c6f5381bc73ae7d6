// What scripts may reach outside, and the record of what they did. A resource of Atoll's own.
#pragma once

#include "management/egress_control.h"
#include "management/resources/resource.h"

namespace atoll::management {

class Egress final : public Resource {
 public:
  // `control` may be null: then there is no way to the outside, and nothing to control.
  Egress(Pieces pieces, EgressControl* control) : Resource(pieces), control_(control) {}
  void add_routes(Router& router) override;

 private:
  struct Target {
    scripts::Scope scope;
    std::string script;  // empty: all of the scope
  };

  Task<Answer<Response>> list(Call& call);
  Task<Answer<Response>> get(Call& call);
  Task<Answer<Response>> put(Call& call);
  Task<Answer<Response>> remove(Call& call);
  Task<Answer<Response>> audit(Call& call);

  Task<Answer<Target>> locate(Call& call);
  Task<Answer<EgressControl::AuditQuery>> read_audit_query(Call& call);
  // Names of the account's dispatch namespaces by id.
  Task<Answer<std::map<std::string, std::string>>> namespace_names(std::string account_id);

  EgressControl* control_;
};

}  // namespace atoll::management
