// Bytes as an anonymous file that nobody can change any more: for handing to another process.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace atoll::sandbox {

Result<UniqueFd> make_sealed_file(std::string_view bytes);

}  // namespace atoll::sandbox
