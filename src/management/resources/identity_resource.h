// Who am I: the token, its user, the accounts it may use. A token belongs to exactly one account.
#pragma once

#include "management/resources/resource.h"

namespace atoll::management {

class IdentityResource final : public Resource {
 public:
  using Resource::Resource;
  void add_routes(Router& router) override;

 private:
  Task<Answer<Response>> user(Call& call);
  Task<Answer<Response>> verify_token(Call& call);
  Task<Answer<Response>> list_accounts(Call& call);
  Task<Answer<Response>> account(Call& call);
  Task<Answer<Response>> list_memberships(Call& call);
  Task<Answer<Response>> membership(Call& call);
  Task<Answer<Response>> account_settings(Call& call);
  Task<Answer<Response>> change_account_settings(Call& call);
  Task<Answer<Response>> subdomain(Call& call);
  Task<Answer<Response>> change_subdomain(Call& call);
  Task<Answer<Response>> probe_subdomain(Call& call);
};

}  // namespace atoll::management
