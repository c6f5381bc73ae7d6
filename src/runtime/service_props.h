// A service binding may carry props: the called Worker finds them as ctx.props.
#pragma once

#include <v8.h>

#include <string>
#include <string_view>

namespace atoll::runtime {

// The value of this JSON text in the wire form of structured clone, as CallOptions::props wants it.
// Empty if the text is no JSON.
std::string props_from_json(v8::Local<v8::Context> context, std::string_view json);

}  // namespace atoll::runtime
