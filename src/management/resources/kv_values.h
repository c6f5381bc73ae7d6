// Keys and values of a KV namespace, one at a time.
#pragma once

#include "management/resources/resource.h"

namespace atoll::management {

class KvValues final : public Resource {
 public:
  using Resource::Resource;
  void add_routes(Router& router) override;

 private:
  Task<Answer<Response>> list_keys(Call& call);
  Task<Answer<Response>> get(Call& call);
  Task<Answer<Response>> put(Call& call);
  Task<Answer<Response>> remove(Call& call);
  Task<Answer<Response>> metadata(Call& call);

  Task<Answer<store::KvStore::Entry>> load_entry(Call& call);
};

// A stored entry's metadata, null where there is none.
Json kv_metadata_view(const std::string& stored);

}  // namespace atoll::management
