#include "management/api.h"

#include <exception>

#include "management/error_body.h"
#include "management/resources/absent_features.h"
#include "management/resources/account_scripts.h"
#include "management/resources/custom_domains.h"
#include "management/resources/dispatch_namespaces.h"
#include "management/resources/egress.h"
#include "management/resources/identity_resource.h"
#include "management/resources/kv_bulk.h"
#include "management/resources/kv_namespaces.h"
#include "management/resources/kv_values.h"
#include "management/resources/lanes.h"
#include "management/resources/quarantine.h"
#include "management/resources/script_lifecycle.h"
#include "management/resources/script_secrets.h"
#include "management/resources/script_settings.h"
#include "management/resources/script_versions.h"
#include "management/resources/user_scripts.h"
#include "management/resources/zone_routes.h"
#include "management/resources/zones.h"

namespace atoll::management {

Api::Api(Dependencies dependencies, Settings settings)
    : dependencies_(dependencies),
      settings_(std::move(settings)),
      publisher_(dependencies.registry, dependencies.script_checker, big_work_, settings_.uploads),
      targets_(dependencies.registry) {
  add_resources();
}

Api::~Api() = default;

void Api::add_resources() {
  Pieces pieces{
      dependencies_.registry, dependencies_.kv_store, publisher_, big_work_, targets_, settings_};
  resources_.push_back(std::make_unique<IdentityResource>(pieces));
  resources_.push_back(std::make_unique<Zones>(pieces));
  resources_.push_back(std::make_unique<DispatchNamespaces>(pieces));
  resources_.push_back(std::make_unique<UserScripts>(pieces));
  resources_.push_back(std::make_unique<AccountScripts>(pieces));
  resources_.push_back(std::make_unique<ScriptLifecycle>(pieces));
  resources_.push_back(std::make_unique<ScriptSettings>(pieces));
  resources_.push_back(std::make_unique<ScriptSecrets>(pieces));
  resources_.push_back(std::make_unique<ScriptVersions>(pieces));
  resources_.push_back(std::make_unique<ZoneRoutes>(pieces));
  resources_.push_back(std::make_unique<CustomDomains>(pieces));
  resources_.push_back(std::make_unique<KvNamespaces>(pieces));
  resources_.push_back(std::make_unique<KvValues>(pieces));
  resources_.push_back(std::make_unique<KvBulk>(pieces));
  resources_.push_back(std::make_unique<Quarantine>(pieces, dependencies_.held_scripts));
  resources_.push_back(std::make_unique<Egress>(pieces, dependencies_.egress_control));
  resources_.push_back(std::make_unique<Lanes>(pieces, dependencies_.lanes));
  resources_.push_back(std::make_unique<AbsentFeatures>(pieces));
  for (const auto& resource : resources_) resource->add_routes(router_);
}

Task<Answer<Api::Admission>> Api::admit(const Request& head) {
  auto identity = co_await authenticate(dependencies_.registry.accounts, head);
  CO_CHECK(identity);
  std::string_view path = head.path();
  std::string_view below = path.starts_with(kApiPrefix) ? path.substr(kApiPrefix.size()) : "";
  if (!below.starts_with('/')) {
    co_return fail(ApiError(404, codes::kUnknownPath,
                            "Could not route to " + std::string(path.substr(0, 200)) +
                                "; the API lies under " + std::string(kApiPrefix)));
  }
  auto match = router_.find(head.method, below);
  CO_CHECK(match);
  if (const std::string* account = match->parameters.find("account_id")) {
    auto allowed = authorize_account(*identity, *account);
    CO_CHECK(allowed);
  }
  co_return Admission{*std::move(identity), *std::move(match)};
}

Task<Response> Api::answer(Request request, Admission admission) {
  Query query(request.target);
  Call call{std::move(request), std::move(query), std::move(admission.match.parameters),
            std::move(admission.identity)};
  std::string thrown;
  try {
    Answer<Response> answer = co_await admission.match.route->handler(call);
    if (answer) co_return *std::move(answer);
    co_return refuse(call.request, answer.error());
  } catch (const std::exception& error) {
    // A bug of ours, met by one request; it must not take the control plane down.
    thrown = error.what();
  }
  co_return refuse(call.request, ApiError(500, codes::kInternal, "unexpected: " + thrown));
}

Task<Response> Api::handle(Request request) {
  auto admission = co_await admit(request);
  if (!admission) co_return refuse(request, admission.error());
  co_return co_await answer(std::move(request), *std::move(admission));
}

Response Api::refuse(const Request& request, const ApiError& error) {
  if (settings_.on_failure) {
    settings_.on_failure({request.method, request.path(), error.status, error.code, error.message});
  }
  return error_response(error);
}

}  // namespace atoll::management
