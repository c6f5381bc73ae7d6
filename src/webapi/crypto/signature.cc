#include "webapi/crypto/signature.h"

#include <openssl/rsa.h>

namespace atoll::webapi {
namespace {

bool set_form(EVP_PKEY_CTX* operation, const SignatureForm& form) {
  if (form.scheme == Scheme::RsaPkcs1) {
    return EVP_PKEY_CTX_set_rsa_padding(operation, RSA_PKCS1_PADDING) == 1;
  }
  if (form.scheme == Scheme::RsaPss) {
    return EVP_PKEY_CTX_set_rsa_padding(operation, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(operation, form.salt_bytes) == 1;
  }
  return true;
}

std::size_t number_width(const EVP_PKEY* key) {
  return static_cast<std::size_t>(EVP_PKEY_get_bits(key) + 7) / 8;
}

}  // namespace

std::optional<std::string> p1363_from_der(const EVP_PKEY* key, Bytes der) {
  const unsigned char* at = start_of(der);
  EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (signature == nullptr) return std::nullopt;
  const std::size_t width = number_width(key);
  std::string result(2 * width, '\0');
  auto* to = reinterpret_cast<unsigned char*>(result.data());
  const int bytes = static_cast<int>(width);
  if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), to, bytes) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), to + width, bytes) < 0) {
    return std::nullopt;
  }
  return result;
}

std::optional<std::string> der_from_p1363(const EVP_PKEY* key, Bytes p1363) {
  const std::size_t width = number_width(key);
  if (p1363.size() != 2 * width) return std::nullopt;
  EcdsaSignature signature(ECDSA_SIG_new());
  Number r(BN_bin2bn(p1363.data(), static_cast<int>(width), nullptr));
  Number s(BN_bin2bn(p1363.data() + width, static_cast<int>(width), nullptr));
  if (ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return std::nullopt;
  (void)r.release();
  (void)s.release();
  return der_of(i2d_ECDSA_SIG, signature.get());
}

std::optional<std::string> sign(EVP_PKEY* key, const SignatureForm& form, Bytes data) {
  DigestState state(EVP_MD_CTX_new());
  EVP_PKEY_CTX* operation = nullptr;
  std::size_t size = 0;
  if (EVP_DigestSignInit(state.get(), &operation, form.digest, nullptr, key) != 1 ||
      !set_form(operation, form) ||
      EVP_DigestSign(state.get(), nullptr, &size, start_of(data), data.size()) != 1) {
    return std::nullopt;
  }
  std::string signature(size, '\0');
  auto* to = reinterpret_cast<unsigned char*>(signature.data());
  if (EVP_DigestSign(state.get(), to, &size, start_of(data), data.size()) != 1) {
    return std::nullopt;
  }
  if (form.scheme == Scheme::Ecdsa) return p1363_from_der(key, {to, size});
  signature.resize(size);
  return signature;
}

bool verify(EVP_PKEY* key, const SignatureForm& form, Bytes signature, Bytes data) {
  std::string der;
  if (form.scheme == Scheme::Ecdsa) {
    auto converted = der_from_p1363(key, signature);
    if (!converted) return false;
    der = std::move(*converted);
    signature = {reinterpret_cast<const std::uint8_t*>(der.data()), der.size()};
  }
  DigestState state(EVP_MD_CTX_new());
  EVP_PKEY_CTX* operation = nullptr;
  return EVP_DigestVerifyInit(state.get(), &operation, form.digest, nullptr, key) == 1 &&
         set_form(operation, form) &&
         EVP_DigestVerify(state.get(), start_of(signature), signature.size(), start_of(data),
                          data.size()) == 1;
}

}  // namespace atoll::webapi
