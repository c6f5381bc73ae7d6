// Functions of C++ for built-in JavaScript that is loaded when a Worker needs it. What the start-up
// snapshot holds of them costs every isolate; these are made when their part is loaded.
#pragma once

#include <vector>

#include "js/native_function.h"

namespace atoll::js {

// Once, before the first isolate. The tables' rows must outlive the process.
void set_named_natives(const std::vector<NativeTable>& natives);

// nativesNamed("a b c") → an object of these functions, without a prototype. Throws for a name that
// no table has.
NativeTable named_natives();

}  // namespace atoll::js
