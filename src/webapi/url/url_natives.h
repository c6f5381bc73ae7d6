// Parsing and changing URLs for url.js. A URL is its serialisation and eight offsets; nothing
// native outlives a call.
#pragma once

#include "js/native_function.h"

namespace atoll::webapi {

// urlParse(input, base | undefined, offsets: Int32Array(8)) → href, or undefined if it is no URL
// urlUpdate(href, part, value, offsets) → href, or undefined if the value is refused; part is the
// Part of url.js urlCanParse(input, base | undefined) → boolean
js::NativeTable url_natives();

}  // namespace atoll::webapi
