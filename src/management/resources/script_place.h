// Routes that exist twice: for account-level scripts and for scripts of a dispatch namespace.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "management/resources/resource.h"

namespace atoll::management {

inline constexpr std::string_view kAccountScript =
    "/accounts/{account_id}/workers/scripts/{script_name}";
inline constexpr std::string_view kUserScript =
    "/accounts/{account_id}/workers/dispatch/namespaces/{dispatch_namespace}/scripts/{script_name}";

// Adds the route below both places.
template <typename R>
void add_for_scripts(Router& router, std::string_view method, std::string_view rest, R* resource,
                     Task<Answer<Response>> (R::*member)(Call&),
                     std::size_t body_limit = Router::kJsonBodyLimit) {
  for (std::string_view place : std::array{kAccountScript, kUserScript}) {
    router.add(method, std::string(place) + std::string(rest), resource, member, body_limit);
  }
}

// The scope a call's path names. 404/100119 for an unknown dispatch namespace.
Task<Answer<scripts::Scope>> locate_scope(scripts::Registry& registry, Call& call);

// The script a call's path names; it need not exist.
Task<Answer<ScriptAddress>> locate_script(scripts::Registry& registry, Call& call);

// The same, when it must: 404/10007 or 404/10092.
Task<Answer<scripts::Script>> load_script(scripts::Registry& registry, Call& call);

// NotFound of the registry, where it means the script, becomes the script's own 404.
ApiError script_error(const ScriptAddress& address, Error error);

}  // namespace atoll::management
