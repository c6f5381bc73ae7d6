// The C library declares a global function `atoll`, which forbids a namespace of that name. The
// build includes this file first everywhere (CMakeLists.txt): once the function is declared, our
// name is spelt differently to the compiler. Nobody calls the function.
#pragma once

#include <stdlib.h>
#include <cstdlib>

#define atoll atoll_platform
