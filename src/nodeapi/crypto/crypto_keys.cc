// KeyObjects: reading, writing, comparing.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <cstring>

#include "nodeapi/crypto/crypto_arguments.h"
#include "nodeapi/crypto/crypto_bindings.h"
#include "nodeapi/crypto/key_encoding.h"

namespace atoll::nodeapi {

using webapi::Bio;
using webapi::Key;
using webapi::Pkey;

namespace {

Bio reader_of(Bytes bytes) {
  return Bio(BIO_new_mem_buf(webapi::start_of(bytes), static_cast<int>(bytes.size())));
}

struct Passphrase {
  std::optional<Bytes> bytes;
  bool was_missing = false;
};

int give_passphrase(char* buffer, int size, int, void* passphrase_pointer) {
  auto* passphrase = static_cast<Passphrase*>(passphrase_pointer);
  if (!passphrase->bytes) {
    passphrase->was_missing = true;
    return -1;
  }
  const auto length = static_cast<int>(passphrase->bytes->size());
  if (length > size) return -1;
  std::memcpy(buffer, webapi::start_of(*passphrase->bytes), static_cast<std::size_t>(length));
  return length;
}

template <typename Function>
Pkey read_der(Bytes der, Function function) {
  const unsigned char* at = webapi::start_of(der);
  return Pkey(function(&at, static_cast<long>(der.size())));
}

Pkey pkcs1_public(Bytes der) {
  return read_der(der, [](const unsigned char** at, long size) {
    return d2i_PublicKey(EVP_PKEY_RSA, nullptr, at, size);
  });
}

Pkey spki(Bytes der) {
  return read_der(
      der, [](const unsigned char** at, long size) { return d2i_PUBKEY(nullptr, at, size); });
}

Pkey from_certificate(Bytes der) {
  const unsigned char* at = webapi::start_of(der);
  webapi::Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  return certificate == nullptr ? nullptr : Pkey(X509_get_pubkey(certificate.get()));
}

// The public key in PEM of whichever label; null if there is none.
Pkey public_pem(Bytes pem) {
  Bio bio = reader_of(pem);
  for (int block = 0; block < 16; ++block) {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    if (PEM_read_bio(bio.get(), &name, &header, &data, &size) != 1) return nullptr;
    const std::string label = name;
    const Bytes der(data, static_cast<std::size_t>(size));
    Pkey key = label == "PUBLIC KEY"       ? spki(der)
               : label == "RSA PUBLIC KEY" ? pkcs1_public(der)
               : label == "CERTIFICATE"    ? from_certificate(der)
                                           : nullptr;
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
    if (key != nullptr) return key;
  }
  return nullptr;
}

bool is_encrypted_pkcs8(Bytes der) {
  const unsigned char* at = webapi::start_of(der);
  X509_SIG* sealed = d2i_X509_SIG(nullptr, &at, static_cast<long>(der.size()));
  X509_SIG_free(sealed);
  return sealed != nullptr;
}

Pkey private_der(Bytes der, KeyEncoding encoding, Passphrase& passphrase) {
  switch (encoding) {
    case KeyEncoding::Pkcs1:
    case KeyEncoding::Sec1:  // as in Node, either name stands for any plain form
      return read_der(der, [](const unsigned char** at, long size) {
        return d2i_AutoPrivateKey(nullptr, at, size);
      });
    default: {
      Bio bio = reader_of(der);
      if (is_encrypted_pkcs8(der)) {
        return Pkey(d2i_PKCS8PrivateKey_bio(bio.get(), nullptr, give_passphrase, &passphrase));
      }
      const unsigned char* at = webapi::start_of(der);
      webapi::Pkcs8 info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
      return info == nullptr ? nullptr : Pkey(EVP_PKCS82PKEY(info.get()));
    }
  }
}

Pkey read_private(const js::Arguments& arguments, Passphrase& passphrase) {
  const Bytes bytes = bytes_at(arguments, 0);
  if (int_at(arguments, 1, kPemFormat) == kDerFormat) {
    return private_der(bytes, static_cast<KeyEncoding>(int_at(arguments, 2, 1)), passphrase);
  }
  Bio bio = reader_of(bytes);
  return Pkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, give_passphrase, &passphrase));
}

bool throw_if_unusable(const js::Arguments& arguments, const Pkey& key,
                       const Passphrase& passphrase, std::string_view message) {
  if (key != nullptr) {
    if (EVP_PKEY_get_bits(key.get()) <= webapi::kMostRsaBits) return false;
    throw_failure(arguments, "The key is too long");
  } else if (passphrase.was_missing) {
    throw_coded(arguments.GetIsolate(), ErrorClass::TypeError, "ERR_MISSING_PASSPHRASE",
                "Passphrase required for encrypted key");
  } else {
    throw_failure(arguments, message);
  }
  return true;
}

// (bytes, format, encoding, passphrase or undefined) → handle
void key_parse_private(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  Passphrase passphrase{some_bytes_at(arguments, 3)};
  Pkey key = read_private(arguments, passphrase);
  if (throw_if_unusable(arguments, key, passphrase, "Failed to parse private key")) return;
  webapi::return_key(arguments, webapi::make_key(Key::Kind::Private, std::move(key)));
}

// The same; private keys serve too.
void key_parse_public(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const Bytes bytes = bytes_at(arguments, 0);
  Passphrase passphrase{some_bytes_at(arguments, 3)};
  Pkey key;
  if (int_at(arguments, 1, kPemFormat) == kDerFormat) {
    switch (static_cast<KeyEncoding>(int_at(arguments, 2, 2))) {
      case KeyEncoding::Pkcs1:
        key = pkcs1_public(bytes);
        break;
      case KeyEncoding::Spki:
        key = spki(bytes);
        break;
      default:
        break;
    }
  } else {
    key = public_pem(bytes);
  }
  if (key == nullptr) key = read_private(arguments, passphrase);
  if (throw_if_unusable(arguments, key, passphrase, "Failed to parse public key")) return;
  webapi::return_key(arguments, webapi::make_key(Key::Kind::Public, std::move(key)));
}

// (handle of a private key) → handle of its public half
void key_public(const js::Arguments& arguments) {
  if (!is_handle(arguments[0])) return;
  const Key& key = webapi::key_argument(arguments, 0);
  if (key.pkey == nullptr) return;
  EVP_PKEY_up_ref(key.pkey.get());
  webapi::return_key(arguments, webapi::make_key(Key::Kind::Public, Pkey(key.pkey.get())));
}

void key_secret(const js::Arguments& arguments) {
  webapi::return_key(arguments, webapi::make_secret(webapi::Secret(bytes_at(arguments, 0))));
}

void key_size(const js::Arguments& arguments) {
  if (!is_handle(arguments[0])) return;
  arguments.GetReturnValue().Set(
      static_cast<std::uint32_t>(webapi::key_argument(arguments, 0).secret.size()));
}

int curve_nid(const std::string& name) {
  int nid = EC_curve_nist2nid(name.c_str());
  return nid == NID_undef ? OBJ_sn2nid(name.c_str()) : nid;
}

// (curve, x, y, d or undefined) → handle; undefined if OpenSSL refuses
void key_from_ec_numbers(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const int nid = curve_nid(text_at(arguments, 0));
  if (nid == NID_undef) return;
  auto d = some_bytes_at(arguments, 3);
  webapi::return_key(arguments,
                     webapi::make_key(d ? Key::Kind::Private : Key::Kind::Public,
                                      webapi::ec_key(OBJ_nid2sn(nid), bytes_at(arguments, 1),
                                                     bytes_at(arguments, 2), d)));
}

// (n, e, d?, p?, q?, dp?, dq?, qi?) → handle
void key_from_rsa_numbers(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const webapi::RsaNumbers numbers{.n = bytes_at(arguments, 0),
                                   .e = bytes_at(arguments, 1),
                                   .d = some_bytes_at(arguments, 2),
                                   .p = some_bytes_at(arguments, 3),
                                   .q = some_bytes_at(arguments, 4),
                                   .dp = some_bytes_at(arguments, 5),
                                   .dq = some_bytes_at(arguments, 6),
                                   .qi = some_bytes_at(arguments, 7)};
  webapi::return_key(arguments, webapi::make_key(numbers.d ? Key::Kind::Private : Key::Kind::Public,
                                                 webapi::rsa_key(numbers)));
}

// (type, is private, bytes, curve of "ec") → handle; undefined if they are no such key
void key_from_raw(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const std::string type = text_at(arguments, 0);
  const bool is_private = arguments[1]->IsTrue();
  const Bytes raw = bytes_at(arguments, 2);
  Pkey key;
  if (type == "ec") {
    const int nid = curve_nid(text_at(arguments, 3));
    if (nid == NID_undef) return;
    if (is_private) {
      EC_KEY* ec = EC_KEY_new_by_curve_name(nid);
      webapi::Number d(BN_bin2bn(webapi::start_of(raw), static_cast<int>(raw.size()), nullptr));
      const EC_GROUP* group = ec == nullptr ? nullptr : EC_KEY_get0_group(ec);
      std::unique_ptr<EC_POINT, webapi::FreeWith<EC_POINT_free>> point(
          group == nullptr ? nullptr : EC_POINT_new(group));
      if (point != nullptr && EC_KEY_set_private_key(ec, d.get()) == 1 &&
          EC_POINT_mul(group, point.get(), d.get(), nullptr, nullptr, nullptr) == 1 &&
          EC_KEY_set_public_key(ec, point.get()) == 1 && EC_KEY_check_key(ec) == 1) {
        key.reset(EVP_PKEY_new());
        if (EVP_PKEY_set1_EC_KEY(key.get(), ec) != 1) key.reset();
      }
      EC_KEY_free(ec);
    } else {
      key = webapi::ec_public_key(OBJ_nid2sn(nid), raw);
    }
  } else if (type == "ed25519" || type == "x25519" || type == "ed448" || type == "x448") {
    key = is_private ? webapi::okp_private_key(type.c_str(), raw)
                     : webapi::okp_public_key(type.c_str(), raw);
  }
  webapi::return_key(
      arguments,
      webapi::make_key(is_private ? Key::Kind::Private : Key::Kind::Public, std::move(key)));
}

// (handle) → what Node calls the type of an asymmetric key
void key_type_name(const js::Arguments& arguments) {
  if (!is_handle(arguments[0])) return;
  const Key& key = webapi::key_argument(arguments, 0);
  if (key.pkey == nullptr) return;
  const char* own_name = EVP_PKEY_get0_type_name(key.pkey.get());
  std::string name = own_name == nullptr ? "" : own_name;
  for (char& letter : name) {
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  arguments.GetReturnValue().Set(js::to_v8(arguments.GetIsolate(), name));
}

// Adds names and values in turn.
struct Details {
  v8::Isolate* isolate;
  std::vector<v8::Local<v8::Value>> values;
  void add(std::string_view name, v8::Local<v8::Value> value) {
    values.push_back(js::to_v8(isolate, name));
    values.push_back(value);
  }
  void add(std::string_view name, int value) { add(name, v8::Integer::New(isolate, value)); }
  void add(std::string_view name, std::string_view value) { add(name, js::to_v8(isolate, value)); }
};

void add_pss(Details& details, const EVP_PKEY* key) {
  char text[64];
  std::size_t size = 0;
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_RSA_DIGEST, text, sizeof(text), &size) !=
      1) {
    return;
  }
  auto lower = [](std::string_view name) {
    std::string result(name);
    for (char& letter : result) {
      letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    }
    if (result.starts_with("sha2-")) result.erase(3, 2);  // "SHA2-256"
    if (result == "sha-1" || result == "sha1") return std::string("sha1");
    return result;
  };
  details.add("hashAlgorithm", lower({text, size}));
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_RSA_MGF1_DIGEST, text, sizeof(text),
                                     &size) == 1) {
    details.add("mgf1HashAlgorithm", lower({text, size}));
  }
  int salt = 0;
  if (EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_RSA_PSS_SALTLEN, &salt) == 1) {
    details.add("saltLength", salt);
  }
}

// (handle) → [name, value, …]; the public exponent as bytes
void key_detail(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  if (!is_handle(arguments[0])) return;
  v8::Isolate* isolate = arguments.GetIsolate();
  const EVP_PKEY* key = webapi::key_argument(arguments, 0).pkey.get();
  if (key == nullptr) return;
  Details details{isolate, {}};
  if (std::string curve = webapi::curve_of(key); !curve.empty()) {
    details.add("namedCurve", curve);
  } else if (EVP_PKEY_is_a(key, "DSA") == 1) {
    details.add("modulusLength", EVP_PKEY_get_bits(key));
    if (auto q = webapi::number_of(key, OSSL_PKEY_PARAM_FFC_Q)) {
      webapi::Number number(BN_bin2bn(reinterpret_cast<const unsigned char*>(q->data()),
                                      static_cast<int>(q->size()), nullptr));
      details.add("divisorLength", BN_num_bits(number.get()));
    }
  } else if (auto exponent = webapi::number_of(key, OSSL_PKEY_PARAM_RSA_E)) {
    v8::Local<v8::Uint8Array> bytes;
    if (!js::new_uint8_array(isolate, *exponent).ToLocal(&bytes)) return;
    details.add("modulusLength", EVP_PKEY_get_bits(key));
    details.add("publicExponent", bytes);
    if (EVP_PKEY_is_a(key, "RSA-PSS") == 1) add_pss(details, key);
  }
  arguments.GetReturnValue().Set(
      v8::Array::New(isolate, details.values.data(), details.values.size()));
}

// (handle) → ArrayBuffer
void key_secret_bytes(const js::Arguments& arguments) {
  if (!is_handle(arguments[0])) return;
  webapi::return_bytes(arguments, webapi::key_argument(arguments, 0).secret.view());
}

// (handle, format, encoding, cipher or undefined, passphrase or undefined) → ArrayBuffer
void key_export(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  if (!is_handle(arguments[0])) return;
  const Key& key = webapi::key_argument(arguments, 0);
  if (key.pkey == nullptr) return;
  KeyWriting writing{.format = int_at(arguments, 1, kPemFormat),
                     .encoding = static_cast<KeyEncoding>(int_at(arguments, 2, 1)),
                     .passphrase = bytes_at(arguments, 4)};
  if (is_given(arguments, 3)) {
    writing.cipher = EVP_get_cipherbyname(text_at(arguments, 3).c_str());
    if (writing.cipher == nullptr) {
      throw_coded(arguments.GetIsolate(), ErrorClass::Error, "ERR_CRYPTO_UNKNOWN_CIPHER",
                  "Unknown cipher");
      return;
    }
  }
  auto written = write_key(key, writing);
  if (!written) {
    throw_failure(arguments, key.kind == Key::Kind::Public ? "Failed to encode public key"
                                                           : "Failed to encode private key");
    return;
  }
  webapi::return_text_bytes(arguments, written);
  OPENSSL_cleanse(written->data(), written->size());
}

// (handle, point form) → ArrayBuffer, the public point
void key_ec_point(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  if (!is_handle(arguments[0])) return;
  const EVP_PKEY* key = webapi::key_argument(arguments, 0).pkey.get();
  const EC_KEY* ec = key == nullptr ? nullptr : EVP_PKEY_get0_EC_KEY(key);
  if (ec == nullptr) return;
  const auto form =
      static_cast<point_conversion_form_t>(int_at(arguments, 1, POINT_CONVERSION_UNCOMPRESSED));
  unsigned char* bytes = nullptr;
  const std::size_t size = EC_KEY_key2buf(ec, form, &bytes, nullptr);
  if (size > 0) webapi::return_bytes(arguments, Bytes(bytes, size));
  OPENSSL_free(bytes);
}

// (handle, is private) → ArrayBuffer; undefined for keys without a raw form
void key_raw(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  if (!is_handle(arguments[0])) return;
  const EVP_PKEY* key = webapi::key_argument(arguments, 0).pkey.get();
  if (key == nullptr) return;
  std::string raw =
      arguments[1]->IsTrue() ? webapi::raw_private_key(key) : webapi::raw_public_key(key);
  if (!raw.empty()) webapi::return_text_bytes(arguments, raw);
  OPENSSL_cleanse(raw.data(), raw.size());
}

void curve_names(const js::Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  std::vector<EC_builtin_curve> curves(EC_get_builtin_curves(nullptr, 0));
  EC_get_builtin_curves(curves.data(), curves.size());
  std::vector<v8::Local<v8::Value>> names;
  for (const EC_builtin_curve& curve : curves) {
    names.push_back(js::to_v8(isolate, OBJ_nid2sn(curve.nid)));
  }
  arguments.GetReturnValue().Set(v8::Array::New(isolate, names.data(), names.size()));
}

constexpr js::NativeFunction kFunctions[] = {
    {"keyParsePrivate", key_parse_private},
    {"keyParsePublic", key_parse_public},
    {"keyPublic", key_public},
    {"keySecret", key_secret},
    {"keySize", key_size},
    {"keySecretBytes", key_secret_bytes},
    {"keyFromEcNumbers", key_from_ec_numbers},
    {"keyFromRsaNumbers", key_from_rsa_numbers},
    {"keyFromRaw", key_from_raw},
    {"keyTypeName", key_type_name},
    {"keyDetail", key_detail},
    {"keyExport", key_export},
    {"keyEcPoint", key_ec_point},
    {"keyRaw", key_raw},
    {"curveNames", curve_names},
};

}  // namespace

std::optional<std::string> write_key(const Key& key, const KeyWriting& writing) {
  Bio bio(BIO_new(BIO_s_mem()));
  EVP_PKEY* pkey = key.pkey.get();
  const bool pem = writing.format == kPemFormat;
  auto* secret = reinterpret_cast<const char*>(webapi::start_of(writing.passphrase));
  auto* secret_bytes = webapi::start_of(writing.passphrase);
  const int secret_size = static_cast<int>(writing.passphrase.size());
  int good = 0;
  if (key.kind == Key::Kind::Public) {
    if (writing.encoding == KeyEncoding::Pkcs1) {
      const RSA* rsa = EVP_PKEY_get0_RSA(pkey);
      if (rsa == nullptr) return std::nullopt;
      good =
          pem ? PEM_write_bio_RSAPublicKey(bio.get(), rsa) : i2d_RSAPublicKey_bio(bio.get(), rsa);
    } else {
      good = pem ? PEM_write_bio_PUBKEY(bio.get(), pkey) : i2d_PUBKEY_bio(bio.get(), pkey);
    }
  } else if (writing.encoding == KeyEncoding::Pkcs1) {
    const RSA* rsa = EVP_PKEY_get0_RSA(pkey);
    if (rsa == nullptr) return std::nullopt;
    good = pem ? PEM_write_bio_RSAPrivateKey(bio.get(), rsa, writing.cipher, secret_bytes,
                                             secret_size, nullptr, nullptr)
               : i2d_RSAPrivateKey_bio(bio.get(), rsa);
  } else if (writing.encoding == KeyEncoding::Sec1) {
    const EC_KEY* ec = EVP_PKEY_get0_EC_KEY(pkey);
    if (ec == nullptr) return std::nullopt;
    good = pem ? PEM_write_bio_ECPrivateKey(bio.get(), ec, writing.cipher, secret_bytes,
                                            secret_size, nullptr, nullptr)
               : i2d_ECPrivateKey_bio(bio.get(), ec);
  } else if (pem) {
    good = PEM_write_bio_PKCS8PrivateKey(bio.get(), pkey, writing.cipher, secret, secret_size,
                                         nullptr, nullptr);
  } else {
    good = i2d_PKCS8PrivateKey_bio(bio.get(), pkey, writing.cipher, secret, secret_size, nullptr,
                                   nullptr);
  }
  if (good != 1) return std::nullopt;
  return webapi::bio_text(bio.get());
}

const Binding kCryptoKeysBinding{"crypto_keys", kFunctions};

}  // namespace atoll::nodeapi
