// https://encoding.spec.whatwg.org/#names-and-labels
#pragma once

#include <string_view>

namespace atoll::webapi {

// The lower-case name of the encoding that `label` stands for, whatever its case and surrounding
// ASCII whitespace; empty if none.
std::string_view encoding_of_label(std::string_view label);

}  // namespace atoll::webapi
