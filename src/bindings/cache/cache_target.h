// The caches of one script as something that requests are sent to, which is how the built-in
// JavaScript reaches them: bodies stream in and out without passing through it.
//
// The method says what to do, with the name of the cache behind it: "MATCH name", "PURGE name", or
// "PUT 200 text\nname" with the response's headers and body as the request's. An empty name is the
// default cache. Answers: the stored response with CF-Cache-Status HIT, 504 with MISS, 204 when
// something was done, 404 when there was nothing to purge, 413 when a body is too large.
#pragma once

#include <memory>
#include <string>

#include "bindings/cache/response_cache.h"
#include "runtime/scheduler.h"
#include "runtime/service_target.h"

namespace atoll::bindings {

class CacheTarget final : public runtime::ServiceTarget,
                          public std::enable_shared_from_this<CacheTarget> {
 public:
  // Cache and scheduler outlive every target. `owner`: whom the entries belong to; scripts with
  // the same one share their caches. Without `has_default` the default cache forgets everything.
  CacheTarget(ResponseCache& cache, runtime::Scheduler& scheduler, std::string owner,
              bool has_default)
      : cache_(cache), scheduler_(scheduler), owner_(std::move(owner)), has_default_(has_default) {}

  void call(runtime::HttpRequest request, runtime::CallOptions options,
            std::unique_ptr<runtime::ResponseReceiver> receiver) override;

 private:
  void answer_call(runtime::HttpRequest request,
                   std::unique_ptr<runtime::ResponseReceiver> receiver);
  runtime::HttpResponse match(const runtime::HttpRequest& request, const std::string& key);

  ResponseCache& cache_;
  runtime::Scheduler& scheduler_;
  const std::string owner_;
  const bool has_default_;
};

}  // namespace atoll::bindings
