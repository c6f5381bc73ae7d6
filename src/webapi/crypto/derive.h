// Keys and bits from passwords, key material and key agreements.
#pragma once

#include <optional>

#include "webapi/crypto/openssl.h"

namespace atoll::webapi {

// PBKDF2 with HMAC. Empty-handed if the stop sign is raised before it is done, and for digests that
// have no HMAC.
std::optional<Secret> pbkdf2(const EVP_MD* digest, Bytes password, Bytes salt,
                             std::uint32_t iterations, std::size_t length, const StopSign& stop);

// RFC 5869; nothing if `length` is above 255 times the digest's, or it has no HMAC.
std::optional<Secret> hkdf(const EVP_MD* digest, Bytes key, Bytes salt, Bytes info,
                           std::size_t length);

// The shared secret of a private and another's public key of the same kind (DH, EC, X25519, X448).
std::optional<Secret> agree(EVP_PKEY* own, EVP_PKEY* peer);

}  // namespace atoll::webapi
