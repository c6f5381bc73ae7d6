// Finding the zone that a route or a custom domain belongs to.
#pragma once

#include <string>

#include "management/call.h"
#include "scripts/accounts.h"

namespace atoll::management {

// By `zone_id` or `zone_name` of `entry`, else the zone whose name is the longest suffix of
// `hostname`. 400/10082 unless it is one of the caller's account.
Task<Answer<scripts::Zone>> zone_for(scripts::Accounts& accounts, const Identity& identity,
                                     const Json& entry, std::string hostname);

}  // namespace atoll::management
