// Settings from a TOML file.
#pragma once

#include <string>

#include "apps/platform/settings.h"

namespace atoll::platform {

// Errors name the file, and the line or setting that is wrong.
Result<void> read_config_file(const std::string& path, Settings& settings);

// The same from text; `path` is for messages.
Result<void> read_config(std::string_view text, const std::string& path, Settings& settings);

}  // namespace atoll::platform
