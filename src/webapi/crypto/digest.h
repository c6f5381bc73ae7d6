// MD5 and the SHA family as plain structures: nothing to free, cheap to copy. OpenSSL calls them
// deprecated in favour of heap objects, so include this before other OpenSSL headers.
#pragma once

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

#include <cstddef>

#include "base/check.h"

namespace atoll::webapi {

// Gives C functions of the same form one face.
template <typename StateType, auto Init, auto Update, auto Final, std::size_t Size,
          std::size_t Block, auto Evp>
struct Digest {
  using State = StateType;
  static constexpr std::size_t kSize = Size;
  static constexpr std::size_t kBlock = Block;
  static const EVP_MD* evp() { return Evp(); }
  static void init(State& state) { Init(&state); }
  static void update(State& state, const void* data, std::size_t size) {
    Update(&state, data, size);
  }
  static void finish(State& state, unsigned char* result) { Final(result, &state); }
};

using Md5 = Digest<MD5_CTX, MD5_Init, MD5_Update, MD5_Final, MD5_DIGEST_LENGTH, 64, EVP_md5>;
using Sha1 = Digest<SHA_CTX, SHA1_Init, SHA1_Update, SHA1_Final, SHA_DIGEST_LENGTH, 64, EVP_sha1>;
using Sha256 = Digest<SHA256_CTX, SHA256_Init, SHA256_Update, SHA256_Final, SHA256_DIGEST_LENGTH,
                      64, EVP_sha256>;
using Sha384 = Digest<SHA512_CTX, SHA384_Init, SHA384_Update, SHA384_Final, SHA384_DIGEST_LENGTH,
                      128, EVP_sha384>;
using Sha512 = Digest<SHA512_CTX, SHA512_Init, SHA512_Update, SHA512_Final, SHA512_DIGEST_LENGTH,
                      128, EVP_sha512>;

// Calls use(Algorithm{}) with the class of the number that crypto/*.js passes.
template <typename Use>
auto with_digest(int number, Use use) {
  switch (number) {
    case 0:
      return use(Md5{});
    case 1:
      return use(Sha1{});
    case 2:
      return use(Sha256{});
    case 3:
      return use(Sha384{});
    case 4:
      return use(Sha512{});
  }
  CHECK(false);
}

inline const EVP_MD* evp_digest(int number) {
  return with_digest(number, [](auto algorithm) { return decltype(algorithm)::evp(); });
}

}  // namespace atoll::webapi
