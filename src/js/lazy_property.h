// Properties whose value is worked out when they are first read, and that look like any other.
#pragma once

#include <v8.h>

namespace atoll::js {

// `properties`: four values each, as webapi/internal/lazy.js collects them.
void define_lazy_properties(v8::Local<v8::Context> context, v8::Local<v8::Array> properties);

}  // namespace atoll::js
