// Making keys, parameters and primes. All of it stops when the turn's CPU time is used up.
#include <openssl/core_names.h>
#include <openssl/dh.h>
#include <openssl/dsa.h>
#include <openssl/rsa.h>

#include <array>

#include "nodeapi/crypto/crypto_arguments.h"
#include "nodeapi/crypto/crypto_bindings.h"

namespace atoll::nodeapi {

using webapi::Key;
using webapi::Number;
using webapi::Pkey;
using webapi::PkeyOperation;

namespace {

// Longer ones take seconds even where they can be stopped.
constexpr int kMostRsaBits = 4096;
constexpr int kMostFieldBits = 3072;  // of DSA and DH parameters
constexpr int kMostPrimeBits = 4096;
constexpr std::size_t kMostPrimeBytes = 1024;  // that a script brings

PkeyOperation operation_for(const char* type) {
  return PkeyOperation(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
}

Pkey run(EVP_PKEY_CTX* operation, const webapi::StopSign& stop) {
  webapi::obey(operation, stop);
  EVP_PKEY* key = nullptr;
  return EVP_PKEY_generate(operation, &key) == 1 ? Pkey(key) : nullptr;
}

// Returns [public key, private key], or throws what OpenSSL says.
void return_pair(const js::Arguments& arguments, Pkey pkey) {
  if (pkey == nullptr) {
    throw_openssl(arguments, "Key generation failed");
    return;
  }
  v8::Isolate* isolate = arguments.GetIsolate();
  EVP_PKEY_up_ref(pkey.get());
  auto public_key = webapi::make_key(Key::Kind::Public, Pkey(pkey.get()));
  auto private_key = webapi::make_key(Key::Kind::Private, std::move(pkey));
  std::array<v8::Local<v8::Value>, 2> pair;
  if (webapi::hold_key(isolate, std::move(public_key)).ToLocal(&pair[0]) &&
      webapi::hold_key(isolate, std::move(private_key)).ToLocal(&pair[1])) {
    arguments.GetReturnValue().Set(v8::Array::New(isolate, pair.data(), pair.size()));
  }
}

// (bits, exponent, is PSS, digest?, MGF1 digest?, salt length?)
void generate_rsa(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const int bits = int_at(arguments, 0, 0);
  if (bits > kMostRsaBits) {
    throw_coded(arguments.GetIsolate(), ErrorClass::RangeError, "ERR_OUT_OF_RANGE",
                "RSA keys are generated up to 4096 bits");
    return;
  }
  const bool pss = arguments[2]->IsTrue();
  PkeyOperation operation = operation_for(pss ? "RSA-PSS" : "RSA");
  Number exponent(BN_new());
  BN_set_word(exponent.get(), arguments[1]->IsNumber()
                                  ? static_cast<BN_ULONG>(arguments[1].As<v8::Number>()->Value())
                                  : 65537);
  bool good = EVP_PKEY_keygen_init(operation.get()) == 1 &&
              EVP_PKEY_CTX_set_rsa_keygen_bits(operation.get(), bits) == 1 &&
              EVP_PKEY_CTX_set1_rsa_keygen_pubexp(operation.get(), exponent.get()) == 1;
  if (good && pss) {
    const EVP_MD* digest = is_given(arguments, 3) ? digest_at(arguments, 3) : nullptr;
    const EVP_MD* mask = is_given(arguments, 4) ? digest_at(arguments, 4) : digest;
    if ((is_given(arguments, 3) && digest == nullptr) ||
        (is_given(arguments, 4) && mask == nullptr)) {
      throw_coded(arguments.GetIsolate(), ErrorClass::TypeError, "ERR_CRYPTO_INVALID_DIGEST",
                  "Invalid digest: " + text_at(arguments, digest == nullptr ? 3 : 4));
      return;
    }
    int salt = int_at(arguments, 5, digest == nullptr ? -1 : EVP_MD_get_size(digest));
    if (digest != nullptr) {
      good = EVP_PKEY_CTX_set_rsa_pss_keygen_md(operation.get(), digest) == 1;
    }
    if (mask != nullptr) {
      good = good && EVP_PKEY_CTX_set_rsa_pss_keygen_mgf1_md(operation.get(), mask) == 1;
    }
    if (salt >= 0) {
      good = good && EVP_PKEY_CTX_set_rsa_pss_keygen_saltlen(operation.get(), salt) == 1;
    }
  }
  return_pair(arguments,
              good ? run(operation.get(), webapi::stop_sign(arguments.GetIsolate())) : nullptr);
}

// (curve, is explicit); undefined for an unknown curve
void generate_ec(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  std::string name = text_at(arguments, 0);
  int nid = EC_curve_nist2nid(name.c_str());
  if (nid == NID_undef) nid = OBJ_sn2nid(name.c_str());
  if (nid == NID_undef) return;
  PkeyOperation operation = operation_for("EC");
  const bool good = EVP_PKEY_keygen_init(operation.get()) == 1 &&
                    EVP_PKEY_CTX_set_ec_paramgen_curve_nid(operation.get(), nid) == 1 &&
                    EVP_PKEY_CTX_set_ec_param_enc(
                        operation.get(), arguments[1]->IsTrue() ? OPENSSL_EC_EXPLICIT_CURVE
                                                                : OPENSSL_EC_NAMED_CURVE) == 1;
  return_pair(arguments,
              good ? run(operation.get(), webapi::stop_sign(arguments.GetIsolate())) : nullptr);
}

// (type, such as "ED25519" or "ML-DSA-44")
void generate_named(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  PkeyOperation operation = operation_for(text_at(arguments, 0).c_str());
  const bool good = operation != nullptr && EVP_PKEY_keygen_init(operation.get()) == 1;
  return_pair(arguments,
              good ? run(operation.get(), webapi::stop_sign(arguments.GetIsolate())) : nullptr);
}

Pkey from_parameters(EVP_PKEY* parameters, const webapi::StopSign& stop) {
  if (parameters == nullptr) return nullptr;
  PkeyOperation operation(EVP_PKEY_CTX_new_from_pkey(nullptr, parameters, nullptr));
  if (operation == nullptr || EVP_PKEY_keygen_init(operation.get()) != 1) return nullptr;
  return run(operation.get(), stop);
}

bool refuse_long_field(const js::Arguments& arguments, int bits) {
  if (bits <= kMostFieldBits) return false;
  throw_coded(arguments.GetIsolate(), ErrorClass::RangeError, "ERR_OUT_OF_RANGE",
              "Parameters are generated up to 3072 bits");
  return true;
}

// (bits, bits of the divisor or -1)
void generate_dsa(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const int bits = int_at(arguments, 0, 0);
  const int divisor = int_at(arguments, 1, -1);
  if (refuse_long_field(arguments, bits)) return;
  const webapi::StopSign stop = webapi::stop_sign(arguments.GetIsolate());
  PkeyOperation operation = operation_for("DSA");
  Pkey parameters;
  if (EVP_PKEY_paramgen_init(operation.get()) == 1 &&
      EVP_PKEY_CTX_set_dsa_paramgen_bits(operation.get(), bits) == 1 &&
      (divisor < 0 || EVP_PKEY_CTX_set_dsa_paramgen_q_bits(operation.get(), divisor) == 1)) {
    parameters = run(operation.get(), stop);
  }
  return_pair(arguments, from_parameters(parameters.get(), stop));
}

Pkey dh_parameters_of(Bytes prime, int generator) {
  webapi::ParameterBuilder builder(OSSL_PARAM_BLD_new());
  Number p(BN_bin2bn(webapi::start_of(prime), static_cast<int>(prime.size()), nullptr));
  Number g(BN_new());
  BN_set_word(g.get(), static_cast<BN_ULONG>(generator));
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_FFC_P, p.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_FFC_G, g.get());
  webapi::Parameters list(OSSL_PARAM_BLD_to_param(builder.get()));
  PkeyOperation operation = operation_for("DH");
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(operation.get()) != 1 ||
      EVP_PKEY_fromdata(operation.get(), &key, EVP_PKEY_KEY_PARAMETERS, list.get()) != 1) {
    return nullptr;
  }
  return Pkey(key);
}

// (group name | prime | bits, generator)
void generate_dh(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const webapi::StopSign stop = webapi::stop_sign(arguments.GetIsolate());
  const int generator = int_at(arguments, 1, 2);
  PkeyOperation operation = operation_for("DH");
  Pkey parameters;
  if (arguments[0]->IsString()) {
    const std::string group = text_at(arguments, 0);
    OSSL_PARAM list[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
                                                          const_cast<char*>(group.c_str()), 0),
                         OSSL_PARAM_construct_end()};
    const bool good = EVP_PKEY_keygen_init(operation.get()) == 1 &&
                      EVP_PKEY_CTX_set_params(operation.get(), list) == 1;
    return_pair(arguments, good ? run(operation.get(), stop) : nullptr);
    return;
  }
  if (auto prime = some_bytes_at(arguments, 0)) {
    if (prime->size() > kMostPrimeBytes) {
      throw_coded(arguments.GetIsolate(), ErrorClass::RangeError, "ERR_OUT_OF_RANGE",
                  "The prime is too large");
      return;
    }
    parameters = dh_parameters_of(*prime, generator);
  } else {
    const int bits = int_at(arguments, 0, 0);
    if (refuse_long_field(arguments, bits)) return;
    if (EVP_PKEY_paramgen_init(operation.get()) == 1 &&
        EVP_PKEY_CTX_set_dh_paramgen_prime_len(operation.get(), bits) == 1 &&
        EVP_PKEY_CTX_set_dh_paramgen_generator(operation.get(), generator) == 1) {
      parameters = run(operation.get(), stop);
    }
  }
  return_pair(arguments, from_parameters(parameters.get(), stop));
}

struct NumberWatch {
  explicit NumberWatch(const webapi::StopSign& stop) : callback(BN_GENCB_new()) {
    BN_GENCB_set(
        callback,
        [](int, int, BN_GENCB* asking) {
          return static_cast<const webapi::StopSign*>(BN_GENCB_get_arg(asking))->raised() ? 0 : 1;
        },
        const_cast<webapi::StopSign*>(&stop));
  }
  ~NumberWatch() { BN_GENCB_free(callback); }
  NumberWatch(const NumberWatch&) = delete;
  NumberWatch& operator=(const NumberWatch&) = delete;

  BN_GENCB* callback;
};

Number number_at(const js::Arguments& arguments, int index) {
  auto bytes = some_bytes_at(arguments, index);
  return bytes
             ? Number(BN_bin2bn(webapi::start_of(*bytes), static_cast<int>(bytes->size()), nullptr))
             : nullptr;
}

// (bits, is safe, add?, rem?) → ArrayBuffer
void generate_prime(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const int bits = int_at(arguments, 0, 0);
  Number add = number_at(arguments, 2);
  Number remainder = number_at(arguments, 3);
  v8::Isolate* isolate = arguments.GetIsolate();
  if (bits < 1 || bits > kMostPrimeBits) {
    throw_coded(isolate, ErrorClass::RangeError, "ERR_OUT_OF_RANGE",
                "Primes are generated up to 4096 bits");
    return;
  }
  if (add != nullptr) {
    // Or the search would never end.
    if (BN_num_bits(add.get()) > bits) {
      throw_coded(isolate, ErrorClass::RangeError, "ERR_OUT_OF_RANGE", "invalid options.add");
      return;
    }
    if (remainder != nullptr && BN_cmp(add.get(), remainder.get()) <= 0) {
      throw_coded(isolate, ErrorClass::RangeError, "ERR_OUT_OF_RANGE", "invalid options.rem");
      return;
    }
  }
  const webapi::StopSign stop = webapi::stop_sign(isolate);
  NumberWatch watch(stop);
  Number prime(BN_secure_new());
  if (BN_generate_prime_ex(prime.get(), bits, arguments[1]->IsTrue() ? 1 : 0, add.get(),
                           remainder.get(), watch.callback) != 1) {
    throw_openssl(arguments, "could not generate prime");
    return;
  }
  std::uint8_t* to =
      webapi::return_room(arguments, static_cast<std::size_t>(BN_num_bytes(prime.get())));
  if (to != nullptr) BN_bn2bin(prime.get(), to);
}

// (candidate, rounds) → boolean
void check_prime(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  Number candidate = number_at(arguments, 0);
  if (candidate == nullptr || BN_num_bits(candidate.get()) > 2 * kMostPrimeBits) {
    throw_coded(arguments.GetIsolate(), ErrorClass::RangeError, "ERR_OUT_OF_RANGE",
                "The candidate is too large");
    return;
  }
  const webapi::StopSign stop = webapi::stop_sign(arguments.GetIsolate());
  NumberWatch watch(stop);
  const int answer = BN_check_prime(candidate.get(), nullptr, watch.callback);
  if (answer < 0) {
    throw_openssl(arguments, "could not check prime");
    return;
  }
  arguments.GetReturnValue().Set(answer == 1);
}

constexpr js::NativeFunction kFunctions[] = {
    {"generateRsa", generate_rsa}, {"generateEc", generate_ec}, {"generateNamed", generate_named},
    {"generateDsa", generate_dsa}, {"generateDh", generate_dh}, {"generatePrime", generate_prime},
    {"checkPrime", check_prime},
};

}  // namespace

const Binding kCryptoGenerateBinding{"crypto_generate", kFunctions};

}  // namespace atoll::nodeapi
