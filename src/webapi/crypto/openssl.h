// Owners for OpenSSL's objects, and the few habits every use of it shares. The library is the one
// inside the Node binary; it must never read a configuration file, for there are no files in the
// sandbox.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <openssl/x509.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atoll::webapi {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

using Pkey = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using PkeyOperation = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using DigestState = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using CipherState = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, FreeWith<BN_clear_free>>;
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;
using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreeWith<PKCS8_PRIV_KEY_INFO_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;

using Bytes = std::span<const std::uint8_t>;

// OpenSSL dereferences pointers of some empty inputs.
inline const std::uint8_t* start_of(Bytes bytes) {
  static constexpr std::uint8_t kNothing = 0;
  return bytes.empty() ? &kNothing : bytes.data();
}

inline std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Bytes that are overwritten when they are given up.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::size_t size) : bytes_(size) {}
  explicit Secret(Bytes bytes) : bytes_(bytes.begin(), bytes.end()) {}
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  std::uint8_t* data() { return bytes_.data(); }
  std::size_t size() const { return bytes_.size(); }
  Bytes view() const { return bytes_; }
  void truncate(std::size_t size);

 private:
  std::vector<std::uint8_t> bytes_;
};

// Makes OpenSSL ready on first use, and leaves its list of errors as empty as it found it.
class OpensslScope {
 public:
  OpensslScope();
  ~OpensslScope();
  OpensslScope(const OpensslScope&) = delete;
  OpensslScope& operator=(const OpensslScope&) = delete;
};

// DER of something, by one of OpenSSL's i2d functions; empty on failure.
template <typename T, typename Encode>
std::string der_of(Encode encode, const T* object) {
  unsigned char* memory = nullptr;
  int size = encode(object, &memory);
  if (size <= 0) return {};
  std::string der(reinterpret_cast<char*>(memory), static_cast<std::size_t>(size));
  OPENSSL_clear_free(memory, static_cast<std::size_t>(size));
  return der;
}

std::string bio_text(BIO* bio);

// Whether the turn's CPU time is used up, asked from inside OpenSSL's loops. JavaScript is stopped
// as soon as the native function that gave up has returned.
class StopSign {
 public:
  StopSign(bool (*asked)(void*), void* owner) : asked_(asked), owner_(owner) {}
  bool raised() const { return asked_(owner_); }

 private:
  bool (*asked_)(void*);
  void* owner_;
};

// Lets key and parameter generation be stopped.
void obey(EVP_PKEY_CTX* operation, const StopSign& stop);

}  // namespace atoll::webapi
