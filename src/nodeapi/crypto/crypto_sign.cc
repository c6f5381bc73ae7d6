// Signatures, of finished digests and of whole messages.
#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "nodeapi/crypto/crypto_arguments.h"
#include "nodeapi/crypto/crypto_bindings.h"
#include "nodeapi/crypto/hash_state.h"
#include "webapi/crypto/signature.h"

namespace atoll::nodeapi {
namespace {

// What the arguments from `index` on say: padding, salt length, whether ECDSA signatures are two
// numbers (P1363), context; each may be undefined.
struct Form {
  Form(const js::Arguments& arguments, int index)
      : padding(int_at(arguments, index, 0)),
        has_salt(is_given(arguments, index + 1)),
        salt(int_at(arguments, index + 1, 0)),
        p1363(arguments[index + 2]->IsTrue()),
        context(some_bytes_at(arguments, index + 3)) {}

  int padding;
  bool has_salt;
  int salt;
  bool p1363;
  std::optional<Bytes> context;
};

bool is_ecdsa(const EVP_PKEY* key) {
  return EVP_PKEY_is_a(key, "EC") == 1 || EVP_PKEY_is_a(key, "DSA") == 1;
}

bool is_rsa(const EVP_PKEY* key) {
  return EVP_PKEY_is_a(key, "RSA") == 1 || EVP_PKEY_is_a(key, "RSA-PSS") == 1;
}

bool set_form(EVP_PKEY_CTX* operation, const EVP_PKEY* key, const Form& form) {
  if (is_rsa(key)) {
    int padding = form.padding;
    if (padding == 0) {
      padding = EVP_PKEY_is_a(key, "RSA-PSS") == 1 ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
    }
    if (EVP_PKEY_CTX_set_rsa_padding(operation, padding) <= 0) return false;
    if (padding == RSA_PKCS1_PSS_PADDING && form.has_salt) {
      return EVP_PKEY_CTX_set_rsa_pss_saltlen(operation, form.salt) > 0;
    }
    return true;
  }
  if (form.context && !form.context->empty()) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_SIGNATURE_PARAM_CONTEXT_STRING,
                                          const_cast<std::uint8_t*>(form.context->data()),
                                          form.context->size()),
        OSSL_PARAM_construct_end()};
    return EVP_PKEY_CTX_set_params(operation, parameters) == 1;
  }
  return true;
}

void return_signature(const js::Arguments& arguments, const EVP_PKEY* key, const Form& form,
                      Bytes signature) {
  if (form.p1363 && is_ecdsa(key)) {
    webapi::return_text_bytes(arguments, webapi::p1363_from_der(key, signature));
  } else {
    webapi::return_bytes(arguments, signature);
  }
}

// The signature in the form OpenSSL wants; nothing if it is malformed.
std::optional<std::string> der_signature(const js::Arguments& arguments, int index,
                                         const EVP_PKEY* key, const Form& form) {
  const Bytes signature = bytes_at(arguments, index);
  if (form.p1363 && is_ecdsa(key)) return webapi::der_from_p1363(key, signature);
  return std::string(webapi::text_of(signature));
}

// The digest's sum; empty on failure.
std::vector<unsigned char> finish(const js::Arguments& arguments, const EVP_MD** digest) {
  EVP_MD_CTX* context = js::held<HashState>(arguments[0]).context.get();
  *digest = EVP_MD_CTX_get0_md(context);
  std::vector<unsigned char> sum(static_cast<std::size_t>(std::max(0, EVP_MD_get_size(*digest))));
  if (EVP_DigestFinal_ex(context, sum.data(), nullptr) != 1) return {};
  return sum;
}

const webapi::Key* key_at(const js::Arguments& arguments, int index) {
  if (!is_handle(arguments[index])) return nullptr;
  const webapi::Key& key = webapi::key_argument(arguments, index);
  return key.pkey == nullptr ? nullptr : &key;
}

// Throws, and is true, for keys that sign whole messages only.
bool refuse_digest(const js::Arguments& arguments, const EVP_PKEY* key) {
  if (is_rsa(key) || is_ecdsa(key)) return false;
  throw_coded(arguments.GetIsolate(), ErrorClass::Error, "ERR_CRYPTO_UNSUPPORTED_OPERATION",
              "Failed to set signature digest");
  return true;
}

// `make(out, &size)` as OpenSSL's functions: without `out` it gives the most that a signature
// takes.
template <typename Make>
void sign(const js::Arguments& arguments, const EVP_PKEY* key, const Form& form, Make make) {
  std::size_t size = 0;
  std::vector<unsigned char> signature;
  if (make(nullptr, &size) > 0) {
    signature.resize(size);
    if (make(signature.data(), &size) > 0) {
      return return_signature(arguments, key, form, Bytes(signature.data(), size));
    }
  }
  throw_openssl(arguments, "Failed to sign");
}

// (digest handle, key, padding, salt, p1363) → ArrayBuffer
void sign_final(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const webapi::Key* key = key_at(arguments, 1);
  if (key == nullptr) return;
  const Form form(arguments, 2);
  if (refuse_digest(arguments, key->pkey.get())) return;
  const EVP_MD* digest = nullptr;
  const std::vector<unsigned char> sum = finish(arguments, &digest);
  webapi::PkeyOperation operation(EVP_PKEY_CTX_new_from_pkey(nullptr, key->pkey.get(), nullptr));
  if (operation == nullptr || EVP_PKEY_sign_init(operation.get()) <= 0 ||
      !set_form(operation.get(), key->pkey.get(), form) ||
      EVP_PKEY_CTX_set_signature_md(operation.get(), digest) <= 0) {
    throw_openssl(arguments, "Failed to sign");
    return;
  }
  sign(arguments, key->pkey.get(), form, [&](unsigned char* out, std::size_t* size) {
    return EVP_PKEY_sign(operation.get(), out, size, sum.data(), sum.size());
  });
}

// (digest handle, key, padding, salt, p1363, signature) → boolean
void verify_final(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const webapi::Key* key = key_at(arguments, 1);
  if (key == nullptr) return;
  const Form form(arguments, 2);
  if (refuse_digest(arguments, key->pkey.get())) return;
  const EVP_MD* digest = nullptr;
  const std::vector<unsigned char> sum = finish(arguments, &digest);
  webapi::PkeyOperation operation(EVP_PKEY_CTX_new_from_pkey(nullptr, key->pkey.get(), nullptr));
  if (operation == nullptr || EVP_PKEY_verify_init(operation.get()) <= 0 ||
      !set_form(operation.get(), key->pkey.get(), form) ||
      EVP_PKEY_CTX_set_signature_md(operation.get(), digest) <= 0) {
    throw_openssl(arguments, "Failed to verify");
    return;
  }
  auto signature = der_signature(arguments, 5, key->pkey.get(), form);
  arguments.GetReturnValue().Set(
      signature &&
      EVP_PKEY_verify(operation.get(), reinterpret_cast<const unsigned char*>(signature->data()),
                      signature->size(), sum.data(), sum.size()) == 1);
}

// Starts signing or verifying a whole message; false, with an exception pending, on failure.
bool start(const js::Arguments& arguments, EVP_MD_CTX* state, EVP_PKEY* key, const Form& form,
           decltype(&EVP_DigestSignInit) init) {
  const EVP_MD* digest = nullptr;
  if (is_given(arguments, 1)) {
    digest = digest_at(arguments, 1);
    if (digest == nullptr) {
      throw_coded(arguments.GetIsolate(), ErrorClass::TypeError, "ERR_CRYPTO_INVALID_DIGEST",
                  "Invalid digest: " + text_at(arguments, 1));
      return false;
    }
  }
  EVP_PKEY_CTX* operation = nullptr;
  if (init(state, &operation, digest, nullptr, key) <= 0 || !set_form(operation, key, form)) {
    throw_openssl(arguments, "Failed to start the signature");
    return false;
  }
  return true;
}

// (key, digest or null, data, padding, salt, p1363, context) → ArrayBuffer
void sign_data(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const webapi::Key* key = key_at(arguments, 0);
  if (key == nullptr) return;
  const Form form(arguments, 3);
  webapi::DigestState state(EVP_MD_CTX_new());
  if (!start(arguments, state.get(), key->pkey.get(), form, EVP_DigestSignInit)) return;
  const Bytes data = bytes_at(arguments, 2);
  sign(arguments, key->pkey.get(), form, [&](unsigned char* out, std::size_t* size) {
    return EVP_DigestSign(state.get(), out, size, webapi::start_of(data), data.size());
  });
}

// (key, digest or null, data, padding, salt, p1363, context, signature) → boolean
void verify_data(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const webapi::Key* key = key_at(arguments, 0);
  if (key == nullptr) return;
  const Form form(arguments, 3);
  webapi::DigestState state(EVP_MD_CTX_new());
  if (!start(arguments, state.get(), key->pkey.get(), form, EVP_DigestVerifyInit)) return;
  const Bytes data = bytes_at(arguments, 2);
  auto signature = der_signature(arguments, 7, key->pkey.get(), form);
  arguments.GetReturnValue().Set(
      signature &&
      EVP_DigestVerify(state.get(), reinterpret_cast<const unsigned char*>(signature->data()),
                       signature->size(), webapi::start_of(data), data.size()) == 1);
}

constexpr js::NativeFunction kFunctions[] = {
    {"signFinal", sign_final},
    {"verifyFinal", verify_final},
    {"signData", sign_data},
    {"verifyData", verify_data},
};

}  // namespace

const Binding kCryptoSignBinding{"crypto_sign", kFunctions};

}  // namespace atoll::nodeapi
