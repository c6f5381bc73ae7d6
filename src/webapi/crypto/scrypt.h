// RFC 7914, in a form that can be stopped, which OpenSSL's cannot.
#pragma once

#include <optional>

#include "webapi/crypto/openssl.h"

namespace atoll::webapi {

struct ScryptCost {
  std::uint64_t n;  // a power of two above 1, below 2 to the power of 16 r
  std::uint64_t r;
  std::uint64_t p;
};

// What the working memory takes. Nothing for numbers that are not allowed.
std::optional<std::size_t> scrypt_memory(const ScryptCost& cost);

// The cost must be allowed. Empty-handed if the stop sign is raised before it is done.
std::optional<Secret> scrypt(Bytes password, Bytes salt, const ScryptCost& cost, std::size_t length,
                             const StopSign& stop);

}  // namespace atoll::webapi
