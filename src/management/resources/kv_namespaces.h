// KV namespaces as records.
#pragma once

#include "management/resources/resource.h"

namespace atoll::management {

inline constexpr std::string_view kKvCollection = "/accounts/{account_id}/storage/kv/namespaces";
inline constexpr std::string_view kKvNamespace =
    "/accounts/{account_id}/storage/kv/namespaces/{namespace_id}";

class KvNamespaces final : public Resource {
 public:
  using Resource::Resource;
  void add_routes(Router& router) override;

 private:
  Task<Answer<Response>> list(Call& call);
  Task<Answer<Response>> create(Call& call);
  Task<Answer<Response>> get(Call& call);
  Task<Answer<Response>> rename(Call& call);
  Task<Answer<Response>> remove(Call& call);
};

// The namespace of the path. 404/10013.
Task<Answer<scripts::KvNamespace>> load_kv_namespace(scripts::Registry& registry, Call& call);

}  // namespace atoll::management
