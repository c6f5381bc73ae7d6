#include "webapi/crypto/key.h"

#include <openssl/core_names.h>

#include <cstring>

namespace atoll::webapi {
namespace {

bool is(const EVP_PKEY* key, const char* type) { return EVP_PKEY_is_a(key, type) == 1; }

bool is_acceptable(const EVP_PKEY* key) {
  bool rsa = is(key, "RSA") || is(key, "RSA-PSS");
  return !rsa || EVP_PKEY_get_bits(key) <= kMostRsaBits;
}

// Keys remember how their point was written; ours are always written uncompressed.
Pkey checked(Pkey key) {
  if (key == nullptr || !is_acceptable(key.get())) return nullptr;
  if (is(key.get(), "EC")) {
    EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                   OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED);
  }
  return key;
}

Pkey from_parameters(const char* type, int selection, OSSL_PARAM* parameters) {
  PkeyOperation operation(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (operation == nullptr || EVP_PKEY_fromdata_init(operation.get()) != 1 ||
      EVP_PKEY_fromdata(operation.get(), &key, selection, parameters) != 1) {
    return nullptr;
  }
  return Pkey(key);
}

bool passes(const EVP_PKEY* key, int (*check)(EVP_PKEY_CTX*)) {
  PkeyOperation operation(EVP_PKEY_CTX_new_from_pkey(nullptr, const_cast<EVP_PKEY*>(key), nullptr));
  return operation != nullptr && check(operation.get()) == 1;
}

// Numbers for an OSSL_PARAM list, kept alive until the list has been used.
class NumberList {
 public:
  bool push(const char* name, Bytes bytes, bool secret) {
    numbers_.emplace_back(BN_bin2bn(start_of(bytes), static_cast<int>(bytes.size()), nullptr));
    if (numbers_.back() == nullptr) return false;
    if (secret) BN_set_flags(numbers_.back().get(), BN_FLG_CONSTTIME);
    return OSSL_PARAM_BLD_push_BN(builder_.get(), name, numbers_.back().get()) == 1;
  }
  OSSL_PARAM_BLD* builder() { return builder_.get(); }
  Parameters finish() { return Parameters(OSSL_PARAM_BLD_to_param(builder_.get())); }

 private:
  std::vector<Number> numbers_;
  ParameterBuilder builder_{OSSL_PARAM_BLD_new()};
};

std::size_t field_bytes(const char* curve) {
  Pkey none;
  std::unique_ptr<EC_GROUP, FreeWith<EC_GROUP_free>> group(
      EC_GROUP_new_by_curve_name(OBJ_sn2nid(curve)));
  return group == nullptr ? 0 : static_cast<std::size_t>(EC_GROUP_get_degree(group.get()) + 7) / 8;
}

// Appends the number with as many zeros in front as the width asks for; false if it is too long.
bool append_padded(std::string& to, Bytes number, std::size_t width) {
  while (number.size() > width && number.front() == 0) number = number.subspan(1);
  if (number.size() > width) return false;
  to.append(width - number.size(), '\0');
  to.append(text_of(number));
  return true;
}

}  // namespace

std::size_t Key::cost_bytes() const {
  if (kind == Kind::Secret) return sizeof(Key) + secret.size();
  constexpr std::size_t kOfAnyPkey = 1500;  // measured with malloc_usable_size
  return sizeof(Key) + kOfAnyPkey + static_cast<std::size_t>(EVP_PKEY_get_bits(pkey.get()));
}

KeyPointer make_secret(Secret secret) {
  auto key = std::make_shared<Key>();
  key->secret = std::move(secret);
  return key;
}

KeyPointer make_key(Key::Kind kind, Pkey pkey) {
  if (pkey == nullptr) return nullptr;
  auto key = std::make_shared<Key>();
  key->kind = kind;
  key->pkey = std::move(pkey);
  return key;
}

Pkey public_key_from_spki(Bytes der) {
  const unsigned char* at = start_of(der);
  Pkey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (key == nullptr || at != der.data() + der.size()) return nullptr;
  return checked(std::move(key));
}

Pkey private_key_from_pkcs8(Bytes der) {
  const unsigned char* at = start_of(der);
  Pkcs8 info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  if (info == nullptr || at != der.data() + der.size()) return nullptr;
  return checked(Pkey(EVP_PKCS82PKEY(info.get())));
}

std::string spki_of(const EVP_PKEY* key) { return der_of(i2d_PUBKEY, key); }

std::string pkcs8_of(const EVP_PKEY* key) {
  Pkcs8 info(EVP_PKEY2PKCS8(const_cast<EVP_PKEY*>(key)));
  return info == nullptr ? std::string() : der_of(i2d_PKCS8_PRIV_KEY_INFO, info.get());
}

Pkey ec_public_key(const char* curve, Bytes point) {
  ParameterBuilder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, start_of(point),
                                   point.size());
  Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  Pkey key = checked(from_parameters("EC", EVP_PKEY_PUBLIC_KEY, parameters.get()));
  return key != nullptr && passes(key.get(), EVP_PKEY_public_check) ? std::move(key) : nullptr;
}

Pkey ec_key(const char* curve, Bytes x, Bytes y, std::optional<Bytes> d) {
  std::size_t width = field_bytes(curve);
  std::string point(1, '\4');
  if (width == 0 || !append_padded(point, x, width) || !append_padded(point, y, width)) {
    return nullptr;
  }
  Bytes bytes(reinterpret_cast<const std::uint8_t*>(point.data()), point.size());
  if (!d) return ec_public_key(curve, bytes);

  NumberList list;
  OSSL_PARAM_BLD_push_utf8_string(list.builder(), OSSL_PKEY_PARAM_GROUP_NAME, curve, 0);
  OSSL_PARAM_BLD_push_octet_string(list.builder(), OSSL_PKEY_PARAM_PUB_KEY, bytes.data(),
                                   bytes.size());
  if (!list.push(OSSL_PKEY_PARAM_PRIV_KEY, *d, true)) return nullptr;
  Parameters parameters = list.finish();
  Pkey key = checked(from_parameters("EC", EVP_PKEY_KEYPAIR, parameters.get()));
  return key != nullptr && passes(key.get(), EVP_PKEY_check) ? std::move(key) : nullptr;
}

Pkey okp_public_key(const char* type, Bytes raw) {
  return Pkey(EVP_PKEY_new_raw_public_key_ex(nullptr, type, nullptr, start_of(raw), raw.size()));
}

Pkey okp_private_key(const char* type, Bytes raw) {
  return Pkey(EVP_PKEY_new_raw_private_key_ex(nullptr, type, nullptr, start_of(raw), raw.size()));
}

Pkey rsa_key(const RsaNumbers& numbers) {
  if (numbers.n.size() * 8 > kMostRsaBits + 64) return nullptr;
  NumberList list;
  bool good = list.push(OSSL_PKEY_PARAM_RSA_N, numbers.n, false) &&
              list.push(OSSL_PKEY_PARAM_RSA_E, numbers.e, false);
  if (numbers.d) good = good && list.push(OSSL_PKEY_PARAM_RSA_D, *numbers.d, true);
  if (numbers.d && numbers.p) {
    if (!numbers.q || !numbers.dp || !numbers.dq || !numbers.qi) return nullptr;
    good = good && list.push(OSSL_PKEY_PARAM_RSA_FACTOR1, *numbers.p, true) &&
           list.push(OSSL_PKEY_PARAM_RSA_FACTOR2, *numbers.q, true) &&
           list.push(OSSL_PKEY_PARAM_RSA_EXPONENT1, *numbers.dp, true) &&
           list.push(OSSL_PKEY_PARAM_RSA_EXPONENT2, *numbers.dq, true) &&
           list.push(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, *numbers.qi, true);
  }
  if (!good) return nullptr;
  Parameters parameters = list.finish();
  return checked(
      from_parameters("RSA", numbers.d ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, parameters.get()));
}

std::string raw_public_key(const EVP_PKEY* key) {
  std::size_t size = 0;
  if (is(key, "EC")) {
    if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0, &size) != 1) {
      return {};
    }
    std::string raw(size, '\0');
    EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY,
                                    reinterpret_cast<unsigned char*>(raw.data()), size, &size);
    return raw;
  }
  if (EVP_PKEY_get_raw_public_key(key, nullptr, &size) != 1) return {};
  std::string raw(size, '\0');
  EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(raw.data()), &size);
  return raw;
}

std::string raw_private_key(const EVP_PKEY* key) {
  std::size_t size = 0;
  if (EVP_PKEY_get_raw_private_key(key, nullptr, &size) != 1) return {};
  std::string raw(size, '\0');
  EVP_PKEY_get_raw_private_key(key, reinterpret_cast<unsigned char*>(raw.data()), &size);
  return raw;
}

std::optional<std::string> number_of(const EVP_PKEY* key, const char* parameter,
                                     std::size_t width) {
  BIGNUM* found = nullptr;
  if (EVP_PKEY_get_bn_param(key, parameter, &found) != 1) return std::nullopt;
  Number number(found);
  std::size_t size = std::max(width, static_cast<std::size_t>(BN_num_bytes(found)));
  std::string bytes(size, '\0');
  if (BN_bn2binpad(found, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(size)) <
      0) {
    return std::nullopt;
  }
  return bytes;
}

std::string curve_of(const EVP_PKEY* key) {
  char name[80];
  std::size_t size = 0;
  if (!is(key, "EC") || EVP_PKEY_get_group_name(key, name, sizeof(name), &size) != 1) return {};
  return {name, size};
}

Pkey generate_rsa(int bits, std::uint32_t exponent, const StopSign& stop) {
  PkeyOperation operation(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  Number e(BN_new());
  BN_set_word(e.get(), exponent);
  if (operation == nullptr || EVP_PKEY_keygen_init(operation.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_keygen_bits(operation.get(), bits) != 1 ||
      EVP_PKEY_CTX_set1_rsa_keygen_pubexp(operation.get(), e.get()) != 1) {
    return nullptr;
  }
  obey(operation.get(), stop);
  EVP_PKEY* key = nullptr;
  return EVP_PKEY_generate(operation.get(), &key) == 1 ? Pkey(key) : nullptr;
}

Pkey generate_ec(const char* curve) { return Pkey(EVP_EC_gen(curve)); }

Pkey generate_okp(const char* type) { return Pkey(EVP_PKEY_Q_keygen(nullptr, nullptr, type)); }

Pkey public_half(const EVP_PKEY* key) {
  std::string der = spki_of(key);
  return public_key_from_spki({reinterpret_cast<const std::uint8_t*>(der.data()), der.size()});
}

}  // namespace atoll::webapi
