// The API without a socket: a request goes in, a response comes out.
#pragma once

#include <memory>
#include <vector>

#include "management/identity.h"
#include "management/resources/resource.h"
#include "management/router.h"
#include "management/settings.h"

namespace atoll::management {

class EgressControl;
class HeldScripts;
class PlatformLanes;

// What the API stands on; outlives it.
struct Dependencies {
  scripts::Registry& registry;
  store::KvStore& kv_store;
  scripts::ScriptChecker& script_checker;
  HeldScripts* held_scripts = nullptr;      // null: nobody holds any
  EgressControl* egress_control = nullptr;  // null: there is no way to the outside
  PlatformLanes* lanes = nullptr;           // null: nobody runs anything
};

class Api {
 public:
  Api(Dependencies dependencies, Settings settings);
  ~Api();

  // Who asks, and what for: known from the head alone, so that nobody uploads a hundred megabytes
  // without a token.
  struct Admission {
    Identity identity;
    Router::Match match;

    std::size_t body_limit() const { return match.route->body_limit; }
  };
  // Credentials first: without them the paths tell nothing. `head` has no body yet.
  Task<Answer<Admission>> admit(const Request& head);

  // Never fails and never throws: failures are responses.
  Task<Response> answer(Request request, Admission admission);
  Task<Response> handle(Request request);  // admit and answer

  // The response for a failure, after telling Settings::on_failure.
  Response refuse(const Request& request, const ApiError& error);

  const Settings& settings() const { return settings_; }
  const Router& router() const { return router_; }

  // Before calls are abandoned: waits for what another thread does with their bodies.
  void finish_big_work() { big_work_.join(); }

 private:
  void add_resources();

  Dependencies dependencies_;
  Settings settings_;
  BigWork big_work_;
  Publisher publisher_;
  BindingTargets targets_;
  std::vector<std::unique_ptr<Resource>> resources_;
  Router router_;
};

inline constexpr std::string_view kApiPrefix = "/client/v4";

}  // namespace atoll::management
