#include "nodeapi/bindings/bindings.h"
#include "nodeapi/crypto/crypto_bindings.h"

namespace atoll::nodeapi {
namespace {

constexpr const Binding* kBindings[] = {
    &kBufferBinding,        &kCryptoAgreementBinding, &kCryptoCertificateBinding,
    &kCryptoCipherBinding,  &kCryptoDeriveBinding,    &kCryptoGenerateBinding,
    &kCryptoHashBinding,    &kCryptoKeysBinding,      &kCryptoSignBinding,
    &kStringDecoderBinding, &kTypesBinding,           &kUtilBinding,
    &kZlibBinding,
};

}  // namespace

std::span<const Binding* const> all_bindings() { return kBindings; }

}  // namespace atoll::nodeapi
