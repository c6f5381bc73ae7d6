#include "apps/isolate_host/natives.h"

namespace atoll::host {

std::vector<js::NativeTable> all_natives() { return {}; }

}  // namespace atoll::host
