// Streaming digests and HMACs.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/hmac.h>

#include "nodeapi/crypto/crypto_arguments.h"
#include "nodeapi/crypto/crypto_bindings.h"
#include "nodeapi/crypto/hash_state.h"

namespace atoll::nodeapi {
namespace {

// What a context takes beside itself: the state of the largest digest, and what OpenSSL keeps of
// it.
constexpr std::size_t kContextCost = 600;
constexpr std::size_t kMostXofBytes = std::size_t{64} << 20;

struct HmacState {
  std::unique_ptr<HMAC_CTX, webapi::FreeWith<HMAC_CTX_free>> context{HMAC_CTX_new()};
};

// Chooses the length of the result; false if the digest has a fixed one of another length.
bool set_size(HashState& hash, int asked) {
  const EVP_MD* digest = EVP_MD_CTX_get0_md(hash.context.get());
  const int own = EVP_MD_get_size(digest);
  hash.size = static_cast<std::size_t>(asked >= 0 ? asked : own > 0 ? own : 0);
  if (asked < 0 || asked == own) return true;
  return (EVP_MD_get_flags(digest) & EVP_MD_FLAG_XOF) != 0 && hash.size <= kMostXofBytes;
}

// (name, bytes of result or -1) → handle; undefined for an unknown digest.
void hash_new(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const EVP_MD* digest = digest_at(arguments, 0);
  if (digest == nullptr) return;
  auto hash = std::make_shared<HashState>();
  if (EVP_DigestInit_ex(hash->context.get(), digest, nullptr) != 1) return;
  if (!set_size(*hash, int_at(arguments, 1, -1))) {
    throw_failure(arguments, "Unsupported state or unable to set the digest's output length");
    return;
  }
  return_held(arguments, std::move(hash), kContextCost);
}

void hash_copy(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const auto& from = js::held<HashState>(arguments[0]);
  auto hash = std::make_shared<HashState>();
  if (EVP_MD_CTX_copy_ex(hash->context.get(), from.context.get()) != 1) {
    throw_openssl(arguments, "Digest copy error");
    return;
  }
  if (!set_size(*hash, int_at(arguments, 1, -1))) {
    throw_failure(arguments, "Unsupported state or unable to set the digest's output length");
    return;
  }
  return_held(arguments, std::move(hash), kContextCost);
}

void hash_update(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const Bytes bytes = bytes_at(arguments, 1);
  arguments.GetReturnValue().Set(EVP_DigestUpdate(js::held<HashState>(arguments[0]).context.get(),
                                                  webapi::start_of(bytes), bytes.size()) == 1);
}

void hash_final(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  auto& hash = js::held<HashState>(arguments[0]);
  std::uint8_t* to = webapi::return_room(arguments, hash.size);
  if (to == nullptr || hash.size == 0) return;
  EVP_MD_CTX* context = hash.context.get();
  const bool whole =
      static_cast<std::size_t>(EVP_MD_get_size(EVP_MD_CTX_get0_md(context))) == hash.size;
  if ((whole ? EVP_DigestFinal_ex(context, to, nullptr)
             : EVP_DigestFinalXOF(context, to, hash.size)) != 1) {
    arguments.GetReturnValue().SetUndefined();
    throw_openssl(arguments, "Failed to compute hash digest");
  }
}

// (name, key) → handle; undefined for an unknown digest.
void hmac_new(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const EVP_MD* digest = digest_at(arguments, 0);
  if (digest == nullptr) return;
  const Bytes key = secret_at(arguments, 1);
  auto hmac = std::make_shared<HmacState>();
  if (HMAC_Init_ex(hmac->context.get(), webapi::start_of(key), static_cast<int>(key.size()), digest,
                   nullptr) != 1) {
    throw_openssl(arguments, "Failed to initialize HMAC");
    return;
  }
  return_held(arguments, std::move(hmac), 3 * kContextCost);
}

void hmac_update(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const Bytes bytes = bytes_at(arguments, 1);
  arguments.GetReturnValue().Set(HMAC_Update(js::held<HmacState>(arguments[0]).context.get(),
                                             webapi::start_of(bytes), bytes.size()) == 1);
}

void hmac_final(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (HMAC_Final(js::held<HmacState>(arguments[0]).context.get(), sum, &size) != 1) {
    throw_openssl(arguments, "Failed to finalize HMAC");
    return;
  }
  webapi::return_bytes(arguments, Bytes(sum, size));
}

struct NameList {
  v8::Isolate* isolate;
  std::vector<v8::Local<v8::Value>> names;
  void add(std::string_view name) { names.push_back(js::to_v8(isolate, name)); }
  void give(const js::Arguments& arguments) {
    arguments.GetReturnValue().Set(v8::Array::New(isolate, names.data(), names.size()));
  }
};

void hash_names(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  NameList list{arguments.GetIsolate(), {}};
  EVP_MD_do_all_sorted(
      [](const EVP_MD* digest, const char* from, const char*, void* to) {
        if (digest != nullptr && from != nullptr && EVP_get_digestbyname(from) != nullptr) {
          static_cast<NameList*>(to)->add(from);
        }
      },
      &list);
  list.give(arguments);
}

constexpr js::NativeFunction kFunctions[] = {
    {"hashNew", hash_new},     {"hashCopy", hash_copy},   {"hashUpdate", hash_update},
    {"hashFinal", hash_final}, {"hmacNew", hmac_new},     {"hmacUpdate", hmac_update},
    {"hmacFinal", hmac_final}, {"hashNames", hash_names},
};

}  // namespace

const Binding kCryptoHashBinding{"crypto_hash", kFunctions};

}  // namespace atoll::nodeapi
