// The classes DiffieHellman and ECDH. They use OpenSSL's plain structures, which hold halves of
// keys as the API lets scripts set them one by one.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/dh.h>
#include <openssl/ec.h>

#include "nodeapi/crypto/crypto_arguments.h"
#include "nodeapi/crypto/crypto_bindings.h"

namespace atoll::nodeapi {

using webapi::Number;

namespace {

constexpr std::size_t kDhCost = 2000;
constexpr std::size_t kEcCost = 1500;
constexpr int kMostGeneratedBits = 2048;
constexpr std::size_t kMostPrimeBytes = 1024;

struct Dh {
  std::unique_ptr<DH, webapi::FreeWith<DH_free>> dh{DH_new()};
  int problems = 0;  // DH_check's answer
};

struct Ecdh {
  std::unique_ptr<EC_KEY, webapi::FreeWith<EC_KEY_free>> key;
};

void return_number(const js::Arguments& arguments, const BIGNUM* number) {
  std::uint8_t* to = webapi::return_room(arguments, static_cast<std::size_t>(BN_num_bytes(number)));
  if (to != nullptr) BN_bn2bin(number, to);
}

void throw_range(const js::Arguments& arguments, std::string_view code, std::string_view message) {
  throw_coded(arguments.GetIsolate(), ErrorClass::RangeError, code, message);
}

// A callback for OpenSSL's loops over numbers.
class NumberWatch {
 public:
  explicit NumberWatch(const webapi::StopSign& stop) : stop_(stop), callback_(BN_GENCB_new()) {
    BN_GENCB_set(
        callback_,
        [](int, int, BN_GENCB* asking) {
          return static_cast<const webapi::StopSign*>(BN_GENCB_get_arg(asking))->raised() ? 0 : 1;
        },
        &stop_);
  }
  ~NumberWatch() { BN_GENCB_free(callback_); }
  NumberWatch(const NumberWatch&) = delete;
  NumberWatch& operator=(const NumberWatch&) = delete;
  BN_GENCB* callback() { return callback_; }

 private:
  webapi::StopSign stop_;
  BN_GENCB* callback_;
};

// What DH_check() says, but it can be stopped.
int problems_of(const DH* dh, const webapi::StopSign& stop) {
  const BIGNUM* p = DH_get0_p(dh);
  const BIGNUM* g = DH_get0_g(dh);
  NumberWatch watch(stop);
  int problems = 0;
  if (BN_check_prime(p, nullptr, watch.callback()) != 1) {
    problems |= DH_CHECK_P_NOT_PRIME;
  } else {
    Number half(BN_dup(p));
    BN_rshift1(half.get(), half.get());
    if (BN_check_prime(half.get(), nullptr, watch.callback()) != 1) {
      problems |= DH_CHECK_P_NOT_SAFE_PRIME;
    }
  }
  Number last(BN_dup(p));
  BN_sub_word(last.get(), 1);
  if (BN_cmp(g, BN_value_one()) <= 0 || BN_cmp(g, last.get()) >= 0) {
    problems |= DH_NOT_SUITABLE_GENERATOR;
  }
  return problems;
}

BIGNUM* (*const kGroups[])(BIGNUM*) = {
    BN_get_rfc2409_prime_768,  BN_get_rfc2409_prime_1024, BN_get_rfc3526_prime_1536,
    BN_get_rfc3526_prime_2048, BN_get_rfc3526_prime_3072, BN_get_rfc3526_prime_4096,
    BN_get_rfc3526_prime_6144, BN_get_rfc3526_prime_8192,
};
constexpr const char* kGroupNames[] = {"modp1",  "modp2",  "modp5",  "modp14",
                                       "modp15", "modp16", "modp17", "modp18"};

// (bits | prime, generator as number or bytes) → handle
void dh_new(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  auto made = std::make_shared<Dh>();
  if (arguments[0]->IsInt32()) {
    const int bits = int_at(arguments, 0, 0);
    const int generator = int_at(arguments, 1, 2);
    if (bits < 2) {
      throw_coded(arguments.GetIsolate(), ErrorClass::Error,
                  bits < 0 ? "ERR_OSSL_BN_BITS_TOO_SMALL" : "ERR_OSSL_DH_MODULUS_TOO_SMALL",
                  "modulus too small");
      return;
    }
    if (generator < 2) {
      throw_coded(arguments.GetIsolate(), ErrorClass::Error, "ERR_OSSL_DH_BAD_GENERATOR",
                  "bad generator");
      return;
    }
    if (bits > kMostGeneratedBits) {
      throw_range(arguments, "ERR_OUT_OF_RANGE",
                  "Primes for DiffieHellman are generated up to "
                  "2048 bits");
      return;
    }
    NumberWatch watch(webapi::stop_sign(arguments.GetIsolate()));
    const int good = DH_generate_parameters_ex(made->dh.get(), bits, generator, watch.callback());
    if (good != 1) {
      throw_openssl(arguments, "Invalid DH parameters");
      return;
    }
  } else {
    const Bytes prime = bytes_at(arguments, 0);
    if (prime.size() > kMostPrimeBytes) {
      throw_range(arguments, "ERR_OUT_OF_RANGE", "The prime is too large");
      return;
    }
    BIGNUM* p = BN_bin2bn(webapi::start_of(prime), static_cast<int>(prime.size()), nullptr);
    BIGNUM* g = nullptr;
    if (auto bytes = some_bytes_at(arguments, 1)) {
      if (bytes->size() > kMostPrimeBytes) {
        BN_free(p);
        throw_range(arguments, "ERR_OUT_OF_RANGE", "The generator is too large");
        return;
      }
      g = BN_bin2bn(webapi::start_of(*bytes),
                    static_cast<int>(std::min(bytes->size(), kMostPrimeBytes)), nullptr);
    } else {
      g = BN_new();
      BN_set_word(g, static_cast<BN_ULONG>(std::max(0, int_at(arguments, 1, 2))));
    }
    // What is said of the generator depends on how it was given, as in the reference runtime.
    const bool bad_generator = BN_num_bits(g) < 2;
    if (bad_generator || BN_is_odd(p) == 0 || BN_cmp(p, g) <= 0 ||
        DH_set0_pqg(made->dh.get(), p, nullptr, g) != 1) {
      BN_free(p);
      BN_free(g);
      throw_coded(
          arguments.GetIsolate(),
          bad_generator && arguments[1]->IsNumber() ? ErrorClass::RangeError : ErrorClass::Error,
          bad_generator ? "ERR_OSSL_DH_BAD_GENERATOR" : "ERR_OSSL_DH_INVALID_PARAMETERS",
          bad_generator ? "bad generator" : "Invalid DH parameters");
      return;
    }
  }
  made->problems = problems_of(made->dh.get(), webapi::stop_sign(arguments.GetIsolate()));
  return_held(arguments, std::move(made), kDhCost);
}

// (name) → handle; undefined for an unknown group
void dh_group(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const std::string name = text_at(arguments, 0);
  for (std::size_t i = 0; i < std::size(kGroupNames); ++i) {
    if (name != kGroupNames[i]) continue;
    auto made = std::make_shared<Dh>();
    BIGNUM* g = BN_new();
    BN_set_word(g, 2);
    DH_set0_pqg(made->dh.get(), kGroups[i](nullptr), nullptr, g);
    return_held(arguments, std::move(made), kDhCost);
    return;
  }
}

DH* dh_at(const js::Arguments& arguments) { return js::held<Dh>(arguments[0]).dh.get(); }

void dh_problems(const js::Arguments& arguments) {
  arguments.GetReturnValue().Set(js::held<Dh>(arguments[0]).problems);
}

void dh_generate(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  if (DH_generate_key(dh_at(arguments)) != 1) {
    throw_openssl(arguments, "Key generation failed");
    return;
  }
  return_number(arguments, DH_get0_pub_key(dh_at(arguments)));
}

// Throws, and is true, for what is no public key of the group.
bool refuse_public(const js::Arguments& arguments, const DH* dh, const BIGNUM* key) {
  int problems = 0;
  DH_check_pub_key(dh, key, &problems);
  if (problems == 0) return false;
  throw_coded(arguments.GetIsolate(), ErrorClass::Error, "ERR_CRYPTO_INVALID_KEYLEN",
              (problems & DH_CHECK_PUBKEY_TOO_SMALL) != 0   ? "Supplied key is too small"
              : (problems & DH_CHECK_PUBKEY_TOO_LARGE) != 0 ? "Supplied key is too large"
                                                            : "Supplied key is invalid");
  return true;
}

// (handle, peer's public key) → ArrayBuffer, as long as the prime
void dh_compute(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  DH* dh = dh_at(arguments);
  if (DH_get0_priv_key(dh) == nullptr) {
    throw_coded(arguments.GetIsolate(), ErrorClass::Error, "ERR_CRYPTO_INVALID_STATE",
                "No private key - did you forget to generate one?");
    return;
  }
  const Bytes bytes = bytes_at(arguments, 1);
  Number peer(BN_bin2bn(webapi::start_of(bytes),
                        static_cast<int>(std::min(bytes.size(), 2 * kMostPrimeBytes)), nullptr));
  if (refuse_public(arguments, dh, peer.get())) return;
  webapi::Secret secret(static_cast<std::size_t>(DH_size(dh)));
  if (DH_compute_key_padded(secret.data(), peer.get(), dh) < 0) {
    throw_openssl(arguments, "Failed to compute the secret");
    return;
  }
  webapi::return_bytes(arguments, secret.view());
}

void dh_prime(const js::Arguments& arguments) {
  return_number(arguments, DH_get0_p(dh_at(arguments)));
}

void dh_generator(const js::Arguments& arguments) {
  return_number(arguments, DH_get0_g(dh_at(arguments)));
}

void dh_public(const js::Arguments& arguments) {
  const BIGNUM* number = DH_get0_pub_key(dh_at(arguments));
  if (number != nullptr) return_number(arguments, number);
}

void dh_private(const js::Arguments& arguments) {
  const BIGNUM* number = DH_get0_priv_key(dh_at(arguments));
  if (number != nullptr) return_number(arguments, number);
}

// (handle, is private, bytes)
void dh_set(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const Bytes bytes = bytes_at(arguments, 2);
  BIGNUM* number = BN_bin2bn(webapi::start_of(bytes),
                             static_cast<int>(std::min(bytes.size(), kMostPrimeBytes)), nullptr);
  const bool is_private = arguments[1]->IsTrue();
  if (!is_private && refuse_public(arguments, dh_at(arguments), number)) {
    BN_free(number);
    return;
  }
  if (DH_set0_key(dh_at(arguments), is_private ? nullptr : number, is_private ? number : nullptr) !=
      1) {
    BN_free(number);
  }
}

// ---- ECDH -----------------------------------------------------------------------------------

int curve_at(const js::Arguments& arguments, int index) {
  const std::string name = text_at(arguments, index);
  const int nid = EC_curve_nist2nid(name.c_str());
  return nid == NID_undef ? OBJ_sn2nid(name.c_str()) : nid;
}

// (curve) → handle; undefined for an unknown curve
void ecdh_new(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  auto made = std::make_shared<Ecdh>();
  made->key.reset(EC_KEY_new_by_curve_name(curve_at(arguments, 0)));
  if (made->key == nullptr) return;
  return_held(arguments, std::move(made), kEcCost);
}

EC_KEY* ec_at(const js::Arguments& arguments) { return js::held<Ecdh>(arguments[0]).key.get(); }

void ecdh_generate(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  if (EC_KEY_generate_key(ec_at(arguments)) != 1) {
    throw_openssl(arguments, "Failed to generate key");
  }
}

void return_point(const js::Arguments& arguments, const EC_GROUP* group, const EC_POINT* point,
                  int form) {
  unsigned char* bytes = nullptr;
  const std::size_t size =
      EC_POINT_point2buf(group, point, static_cast<point_conversion_form_t>(form), &bytes, nullptr);
  if (size > 0) webapi::return_bytes(arguments, Bytes(bytes, size));
  OPENSSL_free(bytes);
}

using Point = std::unique_ptr<EC_POINT, webapi::FreeWith<EC_POINT_free>>;

Point point_at(const js::Arguments& arguments, int index, const EC_GROUP* group) {
  const Bytes bytes = bytes_at(arguments, index);
  Point point(EC_POINT_new(group));
  if (EC_POINT_oct2point(group, point.get(), webapi::start_of(bytes), bytes.size(), nullptr) != 1) {
    return nullptr;
  }
  return point;
}

// (handle, peer's point) → ArrayBuffer; null if it is no point of the curve
void ecdh_compute(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  EC_KEY* key = ec_at(arguments);
  const EC_GROUP* group = EC_KEY_get0_group(key);
  if (EC_KEY_get0_private_key(key) == nullptr || EC_KEY_check_key(key) != 1) {
    throw_coded(arguments.GetIsolate(), ErrorClass::Error, "ERR_CRYPTO_INVALID_KEYPAIR",
                "Invalid key pair");
    return;
  }
  Point peer = point_at(arguments, 1, group);
  if (peer == nullptr) {
    arguments.GetReturnValue().SetNull();
    return;
  }
  webapi::Secret secret(static_cast<std::size_t>(EC_GROUP_get_degree(group) + 7) / 8);
  if (ECDH_compute_key(secret.data(), secret.size(), peer.get(), key, nullptr) <= 0) {
    throw_openssl(arguments, "Failed to compute ECDH key");
    return;
  }
  webapi::return_bytes(arguments, secret.view());
}

// (handle, form) → ArrayBuffer; undefined without a key
void ecdh_public(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const EC_POINT* point = EC_KEY_get0_public_key(ec_at(arguments));
  if (point == nullptr) return;
  return_point(arguments, EC_KEY_get0_group(ec_at(arguments)), point,
               int_at(arguments, 1, POINT_CONVERSION_UNCOMPRESSED));
}

void ecdh_private(const js::Arguments& arguments) {
  const EC_KEY* key = ec_at(arguments);
  const BIGNUM* number = EC_KEY_get0_private_key(key);
  if (number == nullptr) return;
  const int size = (EC_GROUP_order_bits(EC_KEY_get0_group(key)) + 7) / 8;
  std::uint8_t* to = webapi::return_room(arguments, static_cast<std::size_t>(size));
  if (to != nullptr) BN_bn2binpad(number, to, size);
}

// (handle, bytes) → whether they are a private key of the curve
void ecdh_set_private(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  EC_KEY* key = ec_at(arguments);
  const EC_GROUP* group = EC_KEY_get0_group(key);
  const Bytes bytes = bytes_at(arguments, 1);
  Number number(BN_bin2bn(webapi::start_of(bytes),
                          static_cast<int>(std::min(bytes.size(), kMostPrimeBytes)), nullptr));
  bool good = BN_is_zero(number.get()) == 0 && BN_cmp(number.get(), EC_GROUP_get0_order(group)) < 0;
  Point point(EC_POINT_new(group));
  good = good && EC_KEY_set_private_key(key, number.get()) == 1 &&
         EC_POINT_mul(group, point.get(), number.get(), nullptr, nullptr, nullptr) == 1 &&
         EC_KEY_set_public_key(key, point.get()) == 1;
  arguments.GetReturnValue().Set(good);
}

// (handle, point) → whether it is one of the curve
void ecdh_set_public(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  EC_KEY* key = ec_at(arguments);
  Point point = point_at(arguments, 1, EC_KEY_get0_group(key));
  arguments.GetReturnValue().Set(point != nullptr && EC_KEY_set_public_key(key, point.get()) == 1);
}

// (point, curve, form) → ArrayBuffer; undefined for an unknown curve, null for no point of it
void ecdh_convert(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  std::unique_ptr<EC_GROUP, webapi::FreeWith<EC_GROUP_free>> group(
      EC_GROUP_new_by_curve_name(curve_at(arguments, 1)));
  if (group == nullptr) return;
  Point point = point_at(arguments, 0, group.get());
  if (point == nullptr) {
    arguments.GetReturnValue().SetNull();
    return;
  }
  return_point(arguments, group.get(), point.get(),
               int_at(arguments, 2, POINT_CONVERSION_UNCOMPRESSED));
}

constexpr js::NativeFunction kFunctions[] = {
    {"dhNew", dh_new},
    {"dhGroup", dh_group},
    {"dhProblems", dh_problems},
    {"dhGenerate", dh_generate},
    {"dhCompute", dh_compute},
    {"dhPrime", dh_prime},
    {"dhGenerator", dh_generator},
    {"dhPublic", dh_public},
    {"dhPrivate", dh_private},
    {"dhSet", dh_set},
    {"ecdhNew", ecdh_new},
    {"ecdhGenerate", ecdh_generate},
    {"ecdhCompute", ecdh_compute},
    {"ecdhPublic", ecdh_public},
    {"ecdhPrivate", ecdh_private},
    {"ecdhSetPrivate", ecdh_set_private},
    {"ecdhSetPublic", ecdh_set_public},
    {"ecdhConvert", ecdh_convert},
};

}  // namespace

const Binding kCryptoAgreementBinding{"crypto_agreement", kFunctions};

}  // namespace atoll::nodeapi
