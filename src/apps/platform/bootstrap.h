// The first account and token of a new platform.
#pragma once

#include <string>

#include "apps/platform/settings.h"
#include "async/task.h"
#include "scripts/registry.h"

namespace atoll::platform {

// Makes sure that the account of the settings exists and its token is valid. Without one in the
// settings, a platform that has no account yet gets one, and a token, which is written to
// <data>/api-token, readable by its owner only. Returns the account's id: the one of the settings,
// else the oldest.
Task<Result<std::string>> bootstrap(const Settings& settings, scripts::Registry& registry);

}  // namespace atoll::platform
