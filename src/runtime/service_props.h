// A service binding may carry props: the called Worker finds them as ctx.props.
#pragma once

#include <v8.h>

#include <memory>
#include <string_view>

#include "runtime/service_target.h"

namespace atoll::runtime {

// Calls to the result reach `target` with the value of this JSON text as their props. Text that is
// no JSON counts as none.
std::shared_ptr<ServiceTarget> with_props(v8::Local<v8::Context> context,
                                          std::shared_ptr<ServiceTarget> target,
                                          std::string_view json);

}  // namespace atoll::runtime
