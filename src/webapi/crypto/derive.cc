#include "webapi/crypto/digest.h"
// OpenSSL's structures first.
#include <openssl/hmac.h>

#include <algorithm>
#include <cstring>

#include "webapi/crypto/derive.h"

namespace atoll::webapi {
namespace {

constexpr std::uint32_t kRoundsBetweenLooks = 512;

// An HMAC key made ready: the states of both hashes after their first block.
template <typename Algorithm>
class PlainHmac {
 public:
  explicit PlainHmac(Bytes key) {
    unsigned char block[Algorithm::kBlock] = {};
    if (key.size() > Algorithm::kBlock) {
      typename Algorithm::State state;
      Algorithm::init(state);
      Algorithm::update(state, key.data(), key.size());
      Algorithm::finish(state, block);
    } else if (!key.empty()) {
      std::memcpy(block, key.data(), key.size());
    }
    for (auto& byte : block) byte ^= 0x36;
    Algorithm::init(inner_);
    Algorithm::update(inner_, block, sizeof(block));
    for (auto& byte : block) byte ^= 0x36 ^ 0x5c;
    Algorithm::init(outer_);
    Algorithm::update(outer_, block, sizeof(block));
    OPENSSL_cleanse(block, sizeof(block));
  }
  ~PlainHmac() {
    OPENSSL_cleanse(&inner_, sizeof(inner_));
    OPENSSL_cleanse(&outer_, sizeof(outer_));
  }
  PlainHmac(const PlainHmac&) = delete;
  PlainHmac& operator=(const PlainHmac&) = delete;

  std::size_t size() const { return Algorithm::kSize; }

  // `result` may be part of the message.
  void sum(Bytes first, Bytes second, unsigned char* result) const {
    auto state = inner_;
    Algorithm::update(state, start_of(first), first.size());
    if (!second.empty()) Algorithm::update(state, second.data(), second.size());
    unsigned char inner_sum[Algorithm::kSize];
    Algorithm::finish(state, inner_sum);
    state = outer_;
    Algorithm::update(state, inner_sum, sizeof(inner_sum));
    Algorithm::finish(state, result);
  }

 private:
  typename Algorithm::State inner_;
  typename Algorithm::State outer_;
};

// The same for any digest.
class AnyHmac {
 public:
  AnyHmac(const EVP_MD* digest, Bytes key)
      : size_(EVP_MD_get_size(digest)), state_(HMAC_CTX_new()) {
    HMAC_Init_ex(state_.get(), start_of(key), static_cast<int>(key.size()), digest, nullptr);
  }
  std::size_t size() const { return static_cast<std::size_t>(size_); }
  void sum(Bytes first, Bytes second, unsigned char* result) const {
    HMAC_Init_ex(state_.get(), nullptr, 0, nullptr, nullptr);
    HMAC_Update(state_.get(), start_of(first), first.size());
    HMAC_Update(state_.get(), start_of(second), second.size());
    unsigned int size = 0;
    HMAC_Final(state_.get(), result, &size);
  }

 private:
  int size_;
  std::unique_ptr<HMAC_CTX, FreeWith<HMAC_CTX_free>> state_;
};

// Digests of any length, such as SHAKE, have no HMAC, and some say that their size is -1.
bool has_hmac(const EVP_MD* digest) {
  return EVP_MD_get_size(digest) > 0 && (EVP_MD_get_flags(digest) & EVP_MD_FLAG_XOF) == 0;
}

template <typename Hmac>
std::optional<Secret> pbkdf2_with(const Hmac& hmac, Bytes salt, std::uint32_t iterations,
                                  std::size_t length, const StopSign& stop) {
  Secret result(length);
  std::uint32_t until_look = 0;
  unsigned char block[EVP_MAX_MD_SIZE];
  unsigned char sum[EVP_MAX_MD_SIZE];
  const std::size_t size = hmac.size();
  for (std::size_t done = 0; done < length; done += size) {
    const auto number = static_cast<std::uint32_t>(done / size + 1);
    const std::uint8_t suffix[4] = {
        static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16),
        static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
    hmac.sum(salt, suffix, sum);
    std::memcpy(block, sum, size);
    for (std::uint32_t i = 1; i < iterations; ++i) {
      hmac.sum({sum, size}, {}, sum);
      for (std::size_t k = 0; k < size; ++k) block[k] ^= sum[k];
      if (++until_look == kRoundsBetweenLooks) {
        until_look = 0;
        if (stop.raised()) return std::nullopt;
      }
    }
    std::memcpy(result.data() + done, block, std::min(size, length - done));
    if (stop.raised()) return std::nullopt;
  }
  OPENSSL_cleanse(block, sizeof(block));
  OPENSSL_cleanse(sum, sizeof(sum));
  return result;
}

}  // namespace

std::optional<Secret> pbkdf2(const EVP_MD* digest, Bytes password, Bytes salt,
                             std::uint32_t iterations, std::size_t length, const StopSign& stop) {
  if (!has_hmac(digest)) return std::nullopt;
  auto with = [&](const auto& hmac) { return pbkdf2_with(hmac, salt, iterations, length, stop); };
  switch (EVP_MD_get_type(digest)) {
    case NID_md5:
      return with(PlainHmac<Md5>(password));
    case NID_sha1:
      return with(PlainHmac<Sha1>(password));
    case NID_sha256:
      return with(PlainHmac<Sha256>(password));
    case NID_sha384:
      return with(PlainHmac<Sha384>(password));
    case NID_sha512:
      return with(PlainHmac<Sha512>(password));
    default:
      return with(AnyHmac(digest, password));
  }
}

std::optional<Secret> hkdf(const EVP_MD* digest, Bytes key, Bytes salt, Bytes info,
                           std::size_t length) {
  if (!has_hmac(digest)) return std::nullopt;
  const auto size = static_cast<std::size_t>(EVP_MD_get_size(digest));
  if (length > 255 * size) return std::nullopt;
  unsigned char extracted[EVP_MAX_MD_SIZE] = {};
  AnyHmac(digest, salt).sum(key, {}, extracted);
  const AnyHmac expand(digest, {extracted, size});
  OPENSSL_cleanse(extracted, sizeof(extracted));
  Secret result(length);
  // Each block is made of the one before, the info and its number.
  std::vector<std::uint8_t> tail(info.begin(), info.end());
  tail.push_back(0);
  unsigned char block[EVP_MAX_MD_SIZE];
  for (std::size_t done = 0; done < length; done += size) {
    ++tail.back();
    expand.sum({block, done == 0 ? 0 : size}, tail, block);
    std::memcpy(result.data() + done, block, std::min(size, length - done));
  }
  OPENSSL_cleanse(block, sizeof(block));
  return result;
}

std::optional<Secret> agree(EVP_PKEY* own, EVP_PKEY* peer) {
  PkeyOperation operation(EVP_PKEY_CTX_new_from_pkey(nullptr, own, nullptr));
  std::size_t size = 0;
  if (operation == nullptr || EVP_PKEY_derive_init(operation.get()) != 1 ||
      EVP_PKEY_derive_set_peer(operation.get(), peer) != 1 ||
      EVP_PKEY_derive(operation.get(), nullptr, &size) != 1) {
    return std::nullopt;
  }
  Secret secret(size);
  if (EVP_PKEY_derive(operation.get(), secret.data(), &size) != 1) return std::nullopt;
  secret.truncate(size);
  return secret;
}

}  // namespace atoll::webapi
