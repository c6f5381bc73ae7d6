// Every native function of the built-ins, in the order the snapshot knows them.
#pragma once

#include <vector>

#include "js/native_function.h"

namespace atoll::host {

std::vector<js::NativeTable> all_natives();

}  // namespace atoll::host
