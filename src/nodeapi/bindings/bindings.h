// The native bindings, one file each beside this one.
#pragma once

#include "nodeapi/binding.h"

namespace atoll::nodeapi {

extern const Binding kBufferBinding;
extern const Binding kStringDecoderBinding;
extern const Binding kTypesBinding;
extern const Binding kUtilBinding;
extern const Binding kZlibBinding;

}  // namespace atoll::nodeapi
