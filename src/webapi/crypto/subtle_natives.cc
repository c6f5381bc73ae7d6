#include "webapi/crypto/subtle_natives.h"

#include "webapi/crypto/digest.h"
// OpenSSL's structures first.
#include <openssl/core_names.h>
#include <openssl/hmac.h>

#include <array>

#include "base/random.h"
#include "js/node_simdutf.h"
#include "webapi/crypto/cipher.h"
#include "webapi/crypto/derive.h"
#include "webapi/crypto/native_bytes.h"
#include "webapi/crypto/signature.h"

namespace atoll::webapi {
namespace {

constexpr const char* kCurves[] = {"prime256v1", "secp384r1", "secp521r1"};
constexpr const char* kOkpTypes[] = {"ED25519", "X25519"};

const char* curve_argument(const js::Arguments& arguments, int index) {
  return kCurves[static_cast<std::size_t>(int_argument(arguments, index))];
}

const char* okp_argument(const js::Arguments& arguments, int index) {
  return kOkpTypes[static_cast<std::size_t>(int_argument(arguments, index))];
}

Direction direction_argument(const js::Arguments& arguments, int index) {
  return static_cast<Direction>(int_argument(arguments, index));
}

const EVP_MD* digest_argument(const js::Arguments& arguments, int index) {
  const int number = int_argument(arguments, index);
  return number < 0 ? nullptr : evp_digest(number);
}

// ---- Keys -----------------------------------------------------------------------------------

void secret_key(const js::Arguments& arguments) {
  return_key(arguments, make_secret(Secret(bytes_argument(arguments, 0))));
}

void random_secret_key(const js::Arguments& arguments) {
  const int bits = int_argument(arguments, 0);
  Secret secret(static_cast<std::size_t>(bits + 7) / 8);
  fill_random(secret.data(), secret.size());
  if (bits % 8 != 0) secret.data()[secret.size() - 1] &= 0xff00 >> (bits % 8);
  return_key(arguments, make_secret(std::move(secret)));
}

void secret_key_bytes(const js::Arguments& arguments) {
  return_bytes(arguments, key_argument(arguments, 0).secret.view());
}

void import_spki(const js::Arguments& arguments) {
  OpensslScope scope;
  return_key(arguments,
             make_key(Key::Kind::Public, public_key_from_spki(bytes_argument(arguments, 0))));
}

void import_pkcs8(const js::Arguments& arguments) {
  OpensslScope scope;
  return_key(arguments,
             make_key(Key::Kind::Private, private_key_from_pkcs8(bytes_argument(arguments, 0))));
}

void import_ec_point(const js::Arguments& arguments) {
  OpensslScope scope;
  return_key(arguments, make_key(Key::Kind::Public, ec_public_key(curve_argument(arguments, 0),
                                                                  bytes_argument(arguments, 1))));
}

void import_ec_numbers(const js::Arguments& arguments) {
  OpensslScope scope;
  auto d = optional_bytes(arguments, 3);
  return_key(arguments, make_key(d ? Key::Kind::Private : Key::Kind::Public,
                                 ec_key(curve_argument(arguments, 0), bytes_argument(arguments, 1),
                                        bytes_argument(arguments, 2), d)));
}

void import_okp(const js::Arguments& arguments) {
  OpensslScope scope;
  const char* type = okp_argument(arguments, 0);
  const Bytes raw = bytes_argument(arguments, 2);
  if (arguments[1]->IsTrue()) {
    return_key(arguments, make_key(Key::Kind::Private, okp_private_key(type, raw)));
  } else {
    return_key(arguments, make_key(Key::Kind::Public, okp_public_key(type, raw)));
  }
}

void import_rsa_numbers(const js::Arguments& arguments) {
  OpensslScope scope;
  const RsaNumbers numbers{.n = bytes_argument(arguments, 0),
                           .e = bytes_argument(arguments, 1),
                           .d = optional_bytes(arguments, 2),
                           .p = optional_bytes(arguments, 3),
                           .q = optional_bytes(arguments, 4),
                           .dp = optional_bytes(arguments, 5),
                           .dq = optional_bytes(arguments, 6),
                           .qi = optional_bytes(arguments, 7)};
  return_key(arguments,
             make_key(numbers.d ? Key::Kind::Private : Key::Kind::Public, rsa_key(numbers)));
}

void key_details(const js::Arguments& arguments) {
  OpensslScope scope;
  v8::Isolate* isolate = arguments.GetIsolate();
  const EVP_PKEY* key = key_argument(arguments, 0).pkey.get();
  const char* type_name = EVP_PKEY_get0_type_name(key);
  std::vector<v8::Local<v8::Value>> details = {
      js::to_v8(isolate, type_name == nullptr ? "" : type_name)};
  if (std::string curve = curve_of(key); !curve.empty()) {
    details.push_back(js::to_v8(isolate, curve));
  } else if (auto exponent = number_of(key, OSSL_PKEY_PARAM_RSA_E)) {
    v8::Local<v8::Uint8Array> bytes;
    if (!js::new_uint8_array(isolate, *exponent).ToLocal(&bytes)) return;
    details.push_back(v8::Integer::New(isolate, EVP_PKEY_get_bits(key)));
    details.push_back(bytes);
  }
  arguments.GetReturnValue().Set(v8::Array::New(isolate, details.data(), details.size()));
}

void export_spki(const js::Arguments& arguments) {
  OpensslScope scope;
  std::string der = spki_of(key_argument(arguments, 0).pkey.get());
  if (!der.empty()) return_text_bytes(arguments, der);
}

void export_pkcs8(const js::Arguments& arguments) {
  OpensslScope scope;
  std::string der = pkcs8_of(key_argument(arguments, 0).pkey.get());
  if (!der.empty()) return_text_bytes(arguments, der);
  OPENSSL_cleanse(der.data(), der.size());
}

void export_raw(const js::Arguments& arguments) {
  OpensslScope scope;
  std::string raw = raw_public_key(key_argument(arguments, 0).pkey.get());
  if (!raw.empty()) return_text_bytes(arguments, raw);
}

// The numbers of the key, as bytes, in the order that subtle_natives.h gives; empty on failure.
std::vector<std::string> numbers_of(const Key& key) {
  const EVP_PKEY* pkey = key.pkey.get();
  const bool whole = key.kind == Key::Kind::Private;
  std::vector<std::string> numbers;
  auto add = [&](std::initializer_list<const char*> names, std::size_t width) {
    for (const char* name : names) {
      auto number = number_of(pkey, name, width);
      if (!number) return false;
      numbers.push_back(std::move(*number));
    }
    return true;
  };
  bool good = true;
  if (EVP_PKEY_is_a(pkey, "EC") == 1) {
    const auto width = static_cast<std::size_t>(EVP_PKEY_get_bits(pkey) + 7) / 8;
    good = add({OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y}, width);
    if (whole) good = good && add({OSSL_PKEY_PARAM_PRIV_KEY}, width);
  } else if (EVP_PKEY_is_a(pkey, "RSA") == 1 || EVP_PKEY_is_a(pkey, "RSA-PSS") == 1) {
    good = add({OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E}, 0);
    if (whole) {
      good = good && add({OSSL_PKEY_PARAM_RSA_D, OSSL_PKEY_PARAM_RSA_FACTOR1,
                          OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
                          OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
                         0);
    }
  } else {
    numbers.push_back(raw_public_key(pkey));
    if (whole) numbers.push_back(raw_private_key(pkey));
  }
  return good ? numbers : std::vector<std::string>();
}

void export_numbers(const js::Arguments& arguments) {
  OpensslScope scope;
  v8::Isolate* isolate = arguments.GetIsolate();
  std::vector<std::string> numbers = numbers_of(key_argument(arguments, 0));
  if (numbers.empty()) return;
  std::vector<v8::Local<v8::Value>> values;
  for (std::string& number : numbers) {
    std::string text = base64url(number);
    values.push_back(js::latin1_to_v8(isolate, text));
    OPENSSL_cleanse(text.data(), text.size());
    OPENSSL_cleanse(number.data(), number.size());
  }
  arguments.GetReturnValue().Set(v8::Array::New(isolate, values.data(), values.size()));
}

void return_pair(const js::Arguments& arguments, Pkey pkey) {
  if (pkey == nullptr) return;
  v8::Isolate* isolate = arguments.GetIsolate();
  KeyPointer public_key = make_key(Key::Kind::Public, public_half(pkey.get()));
  KeyPointer private_key = make_key(Key::Kind::Private, std::move(pkey));
  if (public_key == nullptr) return;
  std::array<v8::Local<v8::Value>, 2> pair;
  if (hold_key(isolate, std::move(public_key)).ToLocal(&pair[0]) &&
      hold_key(isolate, std::move(private_key)).ToLocal(&pair[1])) {
    arguments.GetReturnValue().Set(v8::Array::New(isolate, pair.data(), pair.size()));
  }
}

void generate_rsa_pair(const js::Arguments& arguments) {
  OpensslScope scope;
  return_pair(arguments, generate_rsa(int_argument(arguments, 0),
                                      static_cast<std::uint32_t>(int_argument(arguments, 1)),
                                      stop_sign(arguments.GetIsolate())));
}

void generate_ec_pair(const js::Arguments& arguments) {
  OpensslScope scope;
  return_pair(arguments, generate_ec(curve_argument(arguments, 0)));
}

void generate_okp_pair(const js::Arguments& arguments) {
  OpensslScope scope;
  return_pair(arguments, generate_okp(okp_argument(arguments, 0)));
}

void keys_equal(const js::Arguments& arguments) {
  OpensslScope scope;
  const Key& a = key_argument(arguments, 0);
  const Key& b = key_argument(arguments, 1);
  bool equal = a.kind == b.kind;
  if (equal && a.kind == Key::Kind::Secret) {
    equal =
        a.secret.size() == b.secret.size() &&
        CRYPTO_memcmp(start_of(a.secret.view()), start_of(b.secret.view()), a.secret.size()) == 0;
  } else if (equal) {
    equal = EVP_PKEY_eq(a.pkey.get(), b.pkey.get()) == 1;
  }
  arguments.GetReturnValue().Set(equal);
}

// ---- Operations -----------------------------------------------------------------------------

void cbc(const js::Arguments& arguments) {
  OpensslScope scope;
  return_bytes(arguments,
               aes_cbc(direction_argument(arguments, 0), key_argument(arguments, 1).secret.view(),
                       bytes_argument(arguments, 2), bytes_argument(arguments, 3)));
}

void ctr(const js::Arguments& arguments) {
  OpensslScope scope;
  const Bytes data = bytes_argument(arguments, 3);
  std::uint8_t* to = return_room(arguments, data.size());
  if (to == nullptr) return;
  if (!aes_ctr(key_argument(arguments, 0).secret.view(), bytes_argument(arguments, 1),
               int_argument(arguments, 2), data, to)) {
    arguments.GetReturnValue().SetUndefined();
  }
}

void gcm(const js::Arguments& arguments) {
  OpensslScope scope;
  const bool encrypt = direction_argument(arguments, 0) == Direction::Encrypt;
  const Gcm gcm{.key = key_argument(arguments, 1).secret.view(),
                .iv = bytes_argument(arguments, 2),
                .additional_data = optional_bytes(arguments, 3).value_or(Bytes()),
                .tag_bytes = static_cast<std::size_t>(int_argument(arguments, 4))};
  const Bytes data = bytes_argument(arguments, 5);
  if (!encrypt && data.size() < gcm.tag_bytes) return;
  std::uint8_t* to =
      return_room(arguments, encrypt ? data.size() + gcm.tag_bytes : data.size() - gcm.tag_bytes);
  if (to == nullptr) return;
  if (!(encrypt ? aes_gcm_encrypt(gcm, data, to) : aes_gcm_decrypt(gcm, data, to))) {
    arguments.GetReturnValue().SetUndefined();
  }
}

void wrap(const js::Arguments& arguments) {
  OpensslScope scope;
  return_bytes(arguments,
               aes_wrap(direction_argument(arguments, 0), key_argument(arguments, 1).secret.view(),
                        bytes_argument(arguments, 2)));
}

void oaep(const js::Arguments& arguments) {
  OpensslScope scope;
  return_bytes(
      arguments,
      rsa_oaep(direction_argument(arguments, 0), key_argument(arguments, 1).pkey.get(),
               digest_argument(arguments, 2), optional_bytes(arguments, 3).value_or(Bytes()),
               bytes_argument(arguments, 4)));
}

void hmac(const js::Arguments& arguments) {
  OpensslScope scope;
  const Bytes key = key_argument(arguments, 1).secret.view();
  const Bytes data = bytes_argument(arguments, 2);
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (HMAC(digest_argument(arguments, 0), start_of(key), static_cast<int>(key.size()),
           start_of(data), data.size(), sum, &size) != nullptr) {
    return_bytes(arguments, Bytes(sum, size));
  }
}

SignatureForm form_arguments(const js::Arguments& arguments) {
  return {.scheme = static_cast<Scheme>(int_argument(arguments, 1)),
          .digest = digest_argument(arguments, 2),
          .salt_bytes = int_argument(arguments, 3)};
}

void sign_bytes(const js::Arguments& arguments) {
  OpensslScope scope;
  return_text_bytes(arguments, sign(key_argument(arguments, 0).pkey.get(),
                                    form_arguments(arguments), bytes_argument(arguments, 4)));
}

void verify_bytes(const js::Arguments& arguments) {
  OpensslScope scope;
  arguments.GetReturnValue().Set(verify(key_argument(arguments, 0).pkey.get(),
                                        form_arguments(arguments), bytes_argument(arguments, 4),
                                        bytes_argument(arguments, 5)));
}

void agree_on(const js::Arguments& arguments) {
  OpensslScope scope;
  return_bytes(arguments,
               agree(key_argument(arguments, 0).pkey.get(), key_argument(arguments, 1).pkey.get()));
}

void derive_hkdf(const js::Arguments& arguments) {
  OpensslScope scope;
  return_bytes(arguments,
               hkdf(digest_argument(arguments, 0), key_argument(arguments, 1).secret.view(),
                    bytes_argument(arguments, 2), bytes_argument(arguments, 3),
                    static_cast<std::size_t>(int_argument(arguments, 4))));
}

void derive_pbkdf2(const js::Arguments& arguments) {
  OpensslScope scope;
  return_bytes(
      arguments,
      pbkdf2(digest_argument(arguments, 0), key_argument(arguments, 1).secret.view(),
             bytes_argument(arguments, 2), static_cast<std::uint32_t>(int_argument(arguments, 3)),
             static_cast<std::size_t>(int_argument(arguments, 4)),
             stop_sign(arguments.GetIsolate())));
}

void from_base64url(const js::Arguments& arguments) {
  std::string text = js::to_latin1(arguments.GetIsolate(), arguments[0]);
  Secret bytes(simdutf::maximal_binary_length_from_base64(text.data(), text.size()));
  auto result =
      simdutf::base64_to_binary(text.data(), text.size(), reinterpret_cast<char*>(bytes.data()),
                                simdutf::base64_url, simdutf::loose);
  OPENSSL_cleanse(text.data(), text.size());
  if (result.error != simdutf::error_code::SUCCESS) return;
  return_bytes(arguments, bytes.view().first(result.count));
}

void to_base64url(const js::Arguments& arguments) {
  arguments.GetReturnValue().Set(
      js::latin1_to_v8(arguments.GetIsolate(), base64url(text_of(bytes_argument(arguments, 0)))));
}

constexpr js::NativeFunction kNatives[] = {
    {"secretKey", secret_key},
    {"randomSecretKey", random_secret_key},
    {"secretKeyBytes", secret_key_bytes},
    {"importSpki", import_spki},
    {"importPkcs8", import_pkcs8},
    {"importEcPoint", import_ec_point},
    {"importEcNumbers", import_ec_numbers},
    {"importOkp", import_okp},
    {"importRsaNumbers", import_rsa_numbers},
    {"keyDetails", key_details},
    {"exportSpki", export_spki},
    {"exportPkcs8", export_pkcs8},
    {"exportRaw", export_raw},
    {"exportNumbers", export_numbers},
    {"generateRsa", generate_rsa_pair},
    {"generateEc", generate_ec_pair},
    {"generateOkp", generate_okp_pair},
    {"keysEqual", keys_equal},
    {"aesCbc", cbc},
    {"aesCtr", ctr},
    {"aesGcm", gcm},
    {"aesWrap", wrap},
    {"rsaOaep", oaep},
    {"hmac", hmac},
    {"sign", sign_bytes},
    {"verify", verify_bytes},
    {"agree", agree_on},
    {"hkdf", derive_hkdf},
    {"pbkdf2", derive_pbkdf2},
    {"fromBase64Url", from_base64url},
    {"toBase64Url", to_base64url},
};

}  // namespace

js::NativeTable subtle_natives() { return kNatives; }

}  // namespace atoll::webapi
