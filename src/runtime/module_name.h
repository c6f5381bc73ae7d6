// How an import specifier becomes the name of a module: exactly, or relative to the importer.
#pragma once

#include <string>
#include <string_view>

namespace atoll::runtime {

// "./util.js" imported by "lib/main.js" is "lib/util.js"; ".." climbs, never above the top. Other
// specifiers are returned as they are.
std::string resolve_module_name(std::string_view specifier, std::string_view referrer);

// Whether a relative specifier climbs above the top.
bool leaves_the_bundle(std::string_view specifier, std::string_view referrer);

}  // namespace atoll::runtime
