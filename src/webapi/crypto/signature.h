// Signatures of whole messages, in the forms of Web Crypto.
#pragma once

#include <optional>
#include <string>

#include "webapi/crypto/openssl.h"

namespace atoll::webapi {

enum class Scheme { RsaPkcs1 = 0, RsaPss = 1, Ecdsa = 2, Eddsa = 3 };

struct SignatureForm {
  Scheme scheme;
  const EVP_MD* digest;  // null for Eddsa
  int salt_bytes;        // of RsaPss
};

// ECDSA signatures are r and s, each as wide as the curve's order (IEEE P1363).
std::optional<std::string> sign(EVP_PKEY* key, const SignatureForm& form, Bytes data);
bool verify(EVP_PKEY* key, const SignatureForm& form, Bytes signature, Bytes data);

// Between ASN.1 and P1363; nothing for what is malformed.
std::optional<std::string> p1363_from_der(const EVP_PKEY* key, Bytes der);
std::optional<std::string> der_from_p1363(const EVP_PKEY* key, Bytes p1363);

}  // namespace atoll::webapi
