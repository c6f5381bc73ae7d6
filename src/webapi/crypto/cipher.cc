#include "webapi/crypto/cipher.h"

#include <openssl/rsa.h>

#include <climits>
#include <cstring>

namespace atoll::webapi {
namespace {

constexpr std::size_t kBlock = 16;

const EVP_CIPHER* by_size(Bytes key, const EVP_CIPHER* of_128, const EVP_CIPHER* of_192,
                          const EVP_CIPHER* of_256) {
  return key.size() == 16 ? of_128 : key.size() == 24 ? of_192 : of_256;
}

bool fits_int(Bytes data) { return data.size() <= INT_MAX - 2 * kBlock; }

// One run of the counter, which does not wrap.
bool ctr_run(const EVP_CIPHER* cipher, Bytes key, const std::uint8_t* counter, Bytes data,
             std::uint8_t* to) {
  if (data.empty()) return true;
  CipherState state(EVP_CIPHER_CTX_new());
  int written = 0;
  return EVP_EncryptInit_ex(state.get(), cipher, nullptr, key.data(), counter) == 1 &&
         EVP_EncryptUpdate(state.get(), to, &written, data.data(), static_cast<int>(data.size())) ==
             1;
}

// The state with key, nonce and additional data in it; null on failure.
CipherState start_gcm(const Gcm& gcm, int encrypt) {
  const EVP_CIPHER* cipher =
      by_size(gcm.key, EVP_aes_128_gcm(), EVP_aes_192_gcm(), EVP_aes_256_gcm());
  CipherState state(EVP_CIPHER_CTX_new());
  int written = 0;
  if (EVP_CipherInit_ex(state.get(), cipher, nullptr, nullptr, nullptr, encrypt) != 1 ||
      EVP_CIPHER_CTX_ctrl(state.get(), EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(gcm.iv.size()),
                          nullptr) != 1 ||
      EVP_CipherInit_ex(state.get(), nullptr, nullptr, gcm.key.data(), gcm.iv.data(), encrypt) !=
          1) {
    return nullptr;
  }
  if (!gcm.additional_data.empty() &&
      EVP_CipherUpdate(state.get(), nullptr, &written, gcm.additional_data.data(),
                       static_cast<int>(gcm.additional_data.size())) != 1) {
    return nullptr;
  }
  return state;
}

}  // namespace

std::optional<Secret> aes_cbc(Direction direction, Bytes key, Bytes iv, Bytes data) {
  if (!fits_int(data)) return std::nullopt;
  const EVP_CIPHER* cipher = by_size(key, EVP_aes_128_cbc(), EVP_aes_192_cbc(), EVP_aes_256_cbc());
  CipherState state(EVP_CIPHER_CTX_new());
  Secret result(data.size() + kBlock);
  int written = 0;
  int last = 0;
  if (EVP_CipherInit_ex(state.get(), cipher, nullptr, key.data(), iv.data(),
                        static_cast<int>(direction)) != 1 ||
      EVP_CipherUpdate(state.get(), result.data(), &written, start_of(data),
                       static_cast<int>(data.size())) != 1 ||
      EVP_CipherFinal_ex(state.get(), result.data() + written, &last) != 1) {
    return std::nullopt;
  }
  result.truncate(static_cast<std::size_t>(written + last));
  return result;
}

bool aes_ctr(Bytes key, Bytes counter, int counter_bits, Bytes data, std::uint8_t* to) {
  if (!fits_int(data)) return false;
  const EVP_CIPHER* cipher = by_size(key, EVP_aes_128_ctr(), EVP_aes_192_ctr(), EVP_aes_256_ctr());
  using Wide = unsigned __int128;
  Wide value = 0;
  for (std::uint8_t byte : counter) value = value << 8 | byte;
  const Wide mask = counter_bits == 128 ? ~Wide{0} : (Wide{1} << counter_bits) - 1;
  const Wide blocks = (data.size() + kBlock - 1) / kBlock;
  if (blocks > 0 && blocks - 1 > mask) return false;
  const Wide after_this_one = mask - (value & mask);  // how many more before it wraps
  if (blocks == 0 || blocks - 1 <= after_this_one) {
    return ctr_run(cipher, key, counter.data(), data, to);
  }
  const auto first = static_cast<std::size_t>(after_this_one + 1) * kBlock;
  std::uint8_t wrapped[kBlock];
  Wide rest = value & ~mask;
  for (std::size_t i = kBlock; i-- > 0; rest >>= 8) wrapped[i] = static_cast<std::uint8_t>(rest);
  return ctr_run(cipher, key, counter.data(), data.first(first), to) &&
         ctr_run(cipher, key, wrapped, data.subspan(first), to + first);
}

bool aes_gcm_encrypt(const Gcm& gcm, Bytes data, std::uint8_t* to) {
  if (!fits_int(data) || !fits_int(gcm.additional_data)) return false;
  CipherState state = start_gcm(gcm, 1);
  if (state == nullptr) return false;
  int written = 0;
  int last = 0;
  if (!data.empty() && EVP_EncryptUpdate(state.get(), to, &written, data.data(),
                                         static_cast<int>(data.size())) != 1) {
    return false;
  }
  return EVP_EncryptFinal_ex(state.get(), to + written, &last) == 1 &&
         EVP_CIPHER_CTX_ctrl(state.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(gcm.tag_bytes),
                             to + data.size()) == 1;
}

bool aes_gcm_decrypt(const Gcm& gcm, Bytes data, std::uint8_t* to) {
  if (!fits_int(data) || !fits_int(gcm.additional_data)) return false;
  const Bytes message = data.first(data.size() - gcm.tag_bytes);
  const Bytes tag = data.last(gcm.tag_bytes);
  CipherState state = start_gcm(gcm, 0);
  int written = 0;
  int last = 0;
  std::uint8_t nothing[kBlock];
  bool good = state != nullptr &&
              (message.empty() || EVP_DecryptUpdate(state.get(), to, &written, message.data(),
                                                    static_cast<int>(message.size())) == 1) &&
              EVP_CIPHER_CTX_ctrl(state.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()),
                                  const_cast<std::uint8_t*>(tag.data())) == 1 &&
              EVP_DecryptFinal_ex(state.get(), nothing, &last) == 1;
  if (!good && !message.empty()) OPENSSL_cleanse(to, message.size());
  return good;
}

std::optional<Secret> aes_wrap(Direction direction, Bytes key, Bytes data) {
  if (!fits_int(data)) return std::nullopt;
  const EVP_CIPHER* cipher =
      by_size(key, EVP_aes_128_wrap(), EVP_aes_192_wrap(), EVP_aes_256_wrap());
  CipherState state(EVP_CIPHER_CTX_new());
  EVP_CIPHER_CTX_set_flags(state.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  Secret result(data.size() + kBlock);
  int written = 0;
  if (EVP_CipherInit_ex(state.get(), cipher, nullptr, key.data(), nullptr,
                        static_cast<int>(direction)) != 1 ||
      EVP_CipherUpdate(state.get(), result.data(), &written, start_of(data),
                       static_cast<int>(data.size())) != 1 ||
      written <= 0) {
    return std::nullopt;
  }
  result.truncate(static_cast<std::size_t>(written));
  return result;
}

std::optional<Secret> rsa_oaep(Direction direction, EVP_PKEY* key, const EVP_MD* digest,
                               Bytes label, Bytes data) {
  const bool encrypt = direction == Direction::Encrypt;
  PkeyOperation operation(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (operation == nullptr ||
      (encrypt ? EVP_PKEY_encrypt_init : EVP_PKEY_decrypt_init)(operation.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(operation.get(), RSA_PKCS1_OAEP_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_oaep_md(operation.get(), digest) != 1 ||
      EVP_PKEY_CTX_set_rsa_mgf1_md(operation.get(), digest) != 1) {
    return std::nullopt;
  }
  if (!label.empty()) {
    void* copy = OPENSSL_memdup(label.data(), label.size());
    if (EVP_PKEY_CTX_set0_rsa_oaep_label(operation.get(), copy, static_cast<int>(label.size())) !=
        1) {
      OPENSSL_free(copy);
      return std::nullopt;
    }
  }
  auto run = encrypt ? EVP_PKEY_encrypt : EVP_PKEY_decrypt;
  std::size_t size = 0;
  if (run(operation.get(), nullptr, &size, start_of(data), data.size()) != 1) return std::nullopt;
  Secret result(size);
  if (run(operation.get(), result.data(), &size, start_of(data), data.size()) != 1) {
    return std::nullopt;
  }
  result.truncate(size);
  return result;
}

}  // namespace atoll::webapi
