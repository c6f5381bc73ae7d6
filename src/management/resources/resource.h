// What every resource works with. The pieces outlive the resources.
#pragma once

#include "management/call.h"
#include "management/envelope.h"
#include "management/paging.h"
#include "management/router.h"
#include "management/settings.h"
#include "management/upload/binding_targets.h"
#include "management/upload/publisher.h"
#include "scripts/registry.h"
#include "store/kv_store.h"

namespace atoll::management {

struct Pieces {
  scripts::Registry& registry;
  store::KvStore& kv;
  Publisher& publisher;
  BigWork& big_work;
  BindingTargets& targets;
  const Settings& settings;
};

// A group of routes with their handlers. Lives as long as the router.
class Resource {
 public:
  explicit Resource(Pieces pieces) : pieces_(pieces) {}
  virtual ~Resource() = default;
  Resource(const Resource&) = delete;

  virtual void add_routes(Router& router) = 0;

 protected:
  Pieces pieces_;
};

// The body as JSON, whatever its Content-Type. 400/10026.
Answer<Json> json_body(const Call& call);
Answer<Json> json_object_body(const Call& call);

// A member that must be a non-empty string. 400/10026 names it.
Answer<std::string> required_string(const Json& object, std::string_view member);

}  // namespace atoll::management
