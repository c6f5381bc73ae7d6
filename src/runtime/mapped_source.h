// Script text that V8 reads in place from the bundle's mapping.
#pragma once

#include <v8-primitive.h>

#include <memory>
#include <string_view>

#include "runtime/script.h"

namespace atoll::runtime {

// `text` lies in `mapping` and is ASCII. V8 owns the resource and frees it with the string.
v8::String::ExternalOneByteStringResource* make_mapped_source(std::shared_ptr<Mapping> mapping,
                                                              std::string_view text);

}  // namespace atoll::runtime
