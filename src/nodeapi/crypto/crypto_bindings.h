// The native halves of library/atoll/bindings/crypto.js. Each function is described where it is.
#pragma once

#include "nodeapi/binding.h"

namespace atoll::nodeapi {

extern const Binding kCryptoHashBinding;
extern const Binding kCryptoCipherBinding;
extern const Binding kCryptoKeysBinding;
extern const Binding kCryptoGenerateBinding;
extern const Binding kCryptoSignBinding;
extern const Binding kCryptoDeriveBinding;
extern const Binding kCryptoAgreementBinding;
extern const Binding kCryptoCertificateBinding;

}  // namespace atoll::nodeapi
