// What V8 compiled, kept with a script version: per module, sealed. V8 believes a code cache
// blindly, so one that was damaged, or was made from other code, must never reach it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bundle/bundle.h"

namespace atoll::runtime {

struct CachedModule {
  std::string_view name;
  std::string_view bytes;  // as V8 made them
};

std::string seal_code_cache(const bundle::BundleView& bundle,
                            const std::vector<CachedModule>& modules);

// Views into `sealed`; none unless it is exactly what seal_code_cache() made for this code.
std::vector<CachedModule> open_code_cache(const bundle::BundleView& bundle,
                                          std::string_view sealed);

}  // namespace atoll::runtime
