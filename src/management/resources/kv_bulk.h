// Many keys of a KV namespace in one request. A bulk write happens whole or not at all.
#pragma once

#include "management/resources/resource.h"

namespace atoll::management {

class KvBulk final : public Resource {
 public:
  using Resource::Resource;
  void add_routes(Router& router) override;

 private:
  Task<Answer<Response>> put(Call& call);
  Task<Answer<Response>> remove(Call& call);
  Task<Answer<Response>> get(Call& call);

  Task<Answer<Response>> write(std::string namespace_id, std::vector<store::KvStore::Write> writes);
};

}  // namespace atoll::management
