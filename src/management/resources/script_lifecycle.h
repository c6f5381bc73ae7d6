// Uploading, downloading and deleting one script, in both places where scripts live.
#pragma once

#include "management/resources/resource.h"
#include "scripts/records.h"

namespace atoll::management {

class ScriptLifecycle final : public Resource {
 public:
  using Resource::Resource;
  void add_routes(Router& router) override;

 private:
  Task<Answer<Response>> upload(Call& call);
  Task<Answer<Response>> download(Call& call);
  Task<Answer<Response>> replace_content(Call& call);
  Task<Answer<Response>> remove(Call& call);
};

// The code of a version as callers download it: the bare entry when that is all there is, else a
// form of its modules with `cf-entrypoint` naming the main one. Source maps stay here. `bundle` is
// the encoding of bundle/bundle.h.
Answer<Response> code_response(std::string_view bundle);

}  // namespace atoll::management
