// An unfinished digest, which a signature may be made of.
#pragma once

#include "webapi/crypto/openssl.h"

namespace atoll::nodeapi {

struct HashState {
  webapi::DigestState context{EVP_MD_CTX_new()};
  std::size_t size = 0;  // of the result
};

}  // namespace atoll::nodeapi
