// A key as crypto.subtle and node:crypto hold it, and its forms outside.
//
// Functions that read bytes from outside give an empty result for what is malformed, or not of the
// kind that was asked for. None of them touches V8.
#pragma once

#include <optional>

#include "webapi/crypto/openssl.h"

namespace atoll::webapi {

struct Key {
  enum class Kind { Secret, Public, Private };

  Kind kind = Kind::Secret;
  Pkey pkey;      // unless Secret
  Secret secret;  // of a Secret

  // About what it takes in memory.
  std::size_t cost_bytes() const;
};

using KeyPointer = std::shared_ptr<Key>;

KeyPointer make_secret(Secret secret);
KeyPointer make_key(Key::Kind kind, Pkey pkey);  // null if pkey is

// SubjectPublicKeyInfo and PKCS #8, exactly to the last byte.
Pkey public_key_from_spki(Bytes der);
Pkey private_key_from_pkcs8(Bytes der);
std::string spki_of(const EVP_PKEY* key);
std::string pkcs8_of(const EVP_PKEY* key);

// `curve`: OpenSSL's name, such as "prime256v1". The point may be compressed.
Pkey ec_public_key(const char* curve, Bytes point);
// Coordinates and private number as in a JSON Web Key; `d` may be absent. Checks that the point is
// on the curve and that both halves belong together.
Pkey ec_key(const char* curve, Bytes x, Bytes y, std::optional<Bytes> d);
// "ED25519", "X25519", "ED448", "X448".
Pkey okp_public_key(const char* type, Bytes raw);
Pkey okp_private_key(const char* type, Bytes raw);

struct RsaNumbers {
  Bytes n, e;
  std::optional<Bytes> d;                 // of a private key
  std::optional<Bytes> p, q, dp, dq, qi;  // all or none
};
Pkey rsa_key(const RsaNumbers& numbers);

// Uncompressed point, or the raw key of Ed25519 and its like; empty for other keys.
std::string raw_public_key(const EVP_PKEY* key);
std::string raw_private_key(const EVP_PKEY* key);

// A number of the key by OpenSSL's parameter name, big-endian, at least `width` bytes; nothing if
// the key has none.
std::optional<std::string> number_of(const EVP_PKEY* key, const char* parameter,
                                     std::size_t width = 0);
// OpenSSL's name of an EC key's curve; empty for other keys.
std::string curve_of(const EVP_PKEY* key);

Pkey generate_rsa(int bits, std::uint32_t exponent, const StopSign& stop);
Pkey generate_ec(const char* curve);
Pkey generate_okp(const char* type);
// The public half; null on failure.
Pkey public_half(const EVP_PKEY* key);

// The largest RSA key that is accepted: a signature with it takes about 50 ms.
inline constexpr int kMostRsaBits = 8192;

}  // namespace atoll::webapi
