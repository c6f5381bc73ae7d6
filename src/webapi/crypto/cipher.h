// The ciphers of Web Crypto, one whole message at a time. Nothing as a result: the key or the
// message is not what it has to be.
#pragma once

#include <optional>

#include "webapi/crypto/openssl.h"

namespace atoll::webapi {

enum class Direction { Decrypt = 0, Encrypt = 1 };

// Keys are 16, 24 or 32 bytes. `iv` is 16 bytes.
std::optional<Secret> aes_cbc(Direction direction, Bytes key, Bytes iv, Bytes data);

// `counter` is 16 bytes, of which the last `counter_bits` count and wrap around. `to` has room for
// all of `data`. False if counter values would repeat.
bool aes_ctr(Bytes key, Bytes counter, int counter_bits, Bytes data, std::uint8_t* to);

struct Gcm {
  Bytes key;
  Bytes iv;
  Bytes additional_data;
  std::size_t tag_bytes;
};
// The tag stands at the end of what is encrypted. `to` has room for `data` plus or minus the tag.
bool aes_gcm_encrypt(const Gcm& gcm, Bytes data, std::uint8_t* to);
// On failure the room has been overwritten with zeros.
bool aes_gcm_decrypt(const Gcm& gcm, Bytes data, std::uint8_t* to);

// RFC 3394; whole multiples of 8 bytes.
std::optional<Secret> aes_wrap(Direction direction, Bytes key, Bytes data);

std::optional<Secret> rsa_oaep(Direction direction, EVP_PKEY* key, const EVP_MD* digest,
                               Bytes label, Bytes data);

}  // namespace atoll::webapi
