// The forms in which keys are written, by the numbers of library/atoll/bindings/crypto.js.
#pragma once

#include <optional>
#include <string>

#include "webapi/crypto/key.h"

namespace atoll::nodeapi {

inline constexpr int kDerFormat = 0;
inline constexpr int kPemFormat = 1;

enum class KeyEncoding { Pkcs1 = 0, Pkcs8 = 1, Spki = 2, Sec1 = 3 };

struct KeyWriting {
  int format = kPemFormat;
  KeyEncoding encoding = KeyEncoding::Pkcs8;
  const EVP_CIPHER* cipher = nullptr;  // of private keys; null: in the clear
  webapi::Bytes passphrase = {};
};

// Nothing if the key has no such form.
std::optional<std::string> write_key(const webapi::Key& key, const KeyWriting& writing);

}  // namespace atoll::nodeapi
