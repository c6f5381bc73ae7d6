#include "webapi/crypto/openssl.h"

#include <openssl/crypto.h>

namespace atoll::webapi {

Secret& Secret::operator=(Secret&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

Secret::~Secret() {
  if (!bytes_.empty()) OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

void Secret::truncate(std::size_t size) {
  OPENSSL_cleanse(bytes_.data() + size, bytes_.size() - size);
  bytes_.resize(size);
}

OpensslScope::OpensslScope() {
  static const bool ready = OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) == 1;
  (void)ready;
  ERR_set_mark();
}

OpensslScope::~OpensslScope() { ERR_pop_to_mark(); }

std::string bio_text(BIO* bio) {
  char* start = nullptr;
  long size = BIO_get_mem_data(bio, &start);
  return size > 0 ? std::string(start, static_cast<std::size_t>(size)) : std::string();
}

void obey(EVP_PKEY_CTX* operation, const StopSign& stop) {
  EVP_PKEY_CTX_set_app_data(operation, const_cast<StopSign*>(&stop));
  EVP_PKEY_CTX_set_cb(operation, [](EVP_PKEY_CTX* asking) {
    return static_cast<const StopSign*>(EVP_PKEY_CTX_get_app_data(asking))->raised() ? 0 : 1;
  });
}

}  // namespace atoll::webapi
