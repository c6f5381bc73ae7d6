// The text of the built-in JavaScript, one mapping shared by all isolates of the process. V8's
// snapshot refers to it by the address of the resource object, so it is a single static object.
#pragma once

#include <v8-primitive.h>

#include <string_view>

namespace atoll::js {

v8::String::ExternalOneByteStringResource* shared_source_resource();

// Call before V8 starts; the text must be ASCII and outlive the process' isolates.
void set_shared_source(std::string_view text);

}  // namespace atoll::js
