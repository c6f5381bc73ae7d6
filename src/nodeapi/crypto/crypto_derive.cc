// Bits out of passwords and keys, comparison in constant time, and SPKAC.
#include "webapi/crypto/derive.h"

#include <openssl/kdf.h>
#include <openssl/x509.h>

#include <algorithm>

#include "base/random.h"
#include "js/buffer_allocator.h"
#include "nodeapi/crypto/crypto_arguments.h"
#include "nodeapi/crypto/crypto_bindings.h"
#include "nodeapi/crypto/key_encoding.h"
#include "webapi/crypto/scrypt.h"

namespace atoll::nodeapi {
namespace {

constexpr std::size_t kMostDerivedBytes = std::size_t{64} << 20;
// What scrypt may cost, N·r·p, as in the reference runtime: up to 128 MiB of memory.
constexpr std::uint64_t kMostScryptCost = std::uint64_t{1} << 20;

std::uint64_t number_at(const js::Arguments& arguments, int index) {
  if (!arguments[index]->IsNumber()) return 0;
  const double value = arguments[index].As<v8::Number>()->Value();
  return value > 0 && value < 9e15 ? static_cast<std::uint64_t>(value) : 0;
}

bool refuse_length(const js::Arguments& arguments, std::size_t length) {
  if (length <= kMostDerivedBytes) return false;
  throw_coded(arguments.GetIsolate(), ErrorClass::RangeError, "ERR_OUT_OF_RANGE",
              "The derived key is too long");
  return true;
}

// (digest, password, salt, iterations, length) → ArrayBuffer; undefined for an unknown digest
void derive_pbkdf2(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const EVP_MD* digest = digest_at(arguments, 0);
  const auto length = static_cast<std::size_t>(number_at(arguments, 4));
  if (digest == nullptr) return;
  if (length > 255 * static_cast<std::size_t>(std::max(1, EVP_MD_get_size(digest)))) {
    throw_coded(arguments.GetIsolate(), ErrorClass::RangeError, "ERR_OUT_OF_RANGE",
                "Pbkdf2 failed: derived key length exceeds maximum for this hash");
    return;
  }
  auto bits = webapi::pbkdf2(digest, secret_at(arguments, 1), bytes_at(arguments, 2),
                             static_cast<std::uint32_t>(number_at(arguments, 3)), length,
                             webapi::stop_sign(arguments.GetIsolate()));
  if (!bits) {
    throw_failure(arguments, "PBKDF2 failed");
    return;
  }
  webapi::return_bytes(arguments, bits);
}

// (digest, key, salt, info, length) → ArrayBuffer; undefined for an unknown digest, null for too
// great a length
void derive_hkdf(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const EVP_MD* digest = digest_at(arguments, 0);
  if (digest == nullptr) return;
  auto bits =
      webapi::hkdf(digest, secret_at(arguments, 1), bytes_at(arguments, 2), bytes_at(arguments, 3),
                   static_cast<std::size_t>(number_at(arguments, 4)));
  if (!bits) {
    arguments.GetReturnValue().SetNull();
    return;
  }
  webapi::return_bytes(arguments, bits);
}

// (password, salt, N, r, p, bytes of memory at most, length) → ArrayBuffer; undefined for
// parameters that are not allowed
void derive_scrypt(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  const std::uint64_t n = number_at(arguments, 2);
  const std::uint64_t r = number_at(arguments, 3);
  const std::uint64_t p = number_at(arguments, 4);
  const std::uint64_t memory = number_at(arguments, 5);
  const auto length = static_cast<std::size_t>(number_at(arguments, 6));
  if (refuse_length(arguments, length)) return;
  constexpr std::string_view kCode = "ERR_CRYPTO_INVALID_SCRYPT_PARAMS";
  if (n > kMostScryptCost || r > kMostScryptCost || p > kMostScryptCost ||
      n * r > kMostScryptCost || n * r * p > kMostScryptCost) {
    throw_coded(arguments.GetIsolate(), ErrorClass::RangeError, kCode,
                "Scrypt failed: cost exceeds maximum (" + std::to_string(kMostScryptCost) + ").");
    return;
  }
  const webapi::ScryptCost cost{.n = n, .r = r, .p = p};
  const auto needed = webapi::scrypt_memory(cost);
  if (!needed || *needed > memory) {
    throw_coded(arguments.GetIsolate(), ErrorClass::RangeError, kCode, "Invalid scrypt params");
    return;
  }
  const std::shared_ptr<js::MemoryAccount> account = js::memory_account(arguments.GetIsolate());
  if (!account->has_room(*needed) || !account->charge(*needed)) {
    throw_coded(arguments.GetIsolate(), ErrorClass::RangeError, kCode,
                "Scrypt failed: not enough memory");
    return;
  }
  auto bits = webapi::scrypt(bytes_at(arguments, 0), bytes_at(arguments, 1), cost, length,
                             webapi::stop_sign(arguments.GetIsolate()));
  account->release(*needed);
  if (!bits) {
    throw_failure(arguments, "Scrypt failed");
    return;
  }
  webapi::return_bytes(arguments, bits);
}

// (private key, public key) → ArrayBuffer
void derive_agreement(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  if (!is_handle(arguments[0]) || !is_handle(arguments[1])) return;
  auto secret = webapi::agree(webapi::key_argument(arguments, 0).pkey.get(),
                              webapi::key_argument(arguments, 1).pkey.get());
  if (!secret) {
    throw_failure(arguments, "Failed to derive shared diffie-hellman secret");
    return;
  }
  webapi::return_bytes(arguments, secret);
}

// (a, b) → boolean; the lengths must be equal
void equal_in_constant_time(const js::Arguments& arguments) {
  const Bytes a = bytes_at(arguments, 0);
  const Bytes b = bytes_at(arguments, 1);
  arguments.GetReturnValue().Set(
      a.size() == b.size() &&
      CRYPTO_memcmp(webapi::start_of(a), webapi::start_of(b), a.size()) == 0);
}

// (view, offset, size): overwrites part of it
void random_fill(const js::Arguments& arguments) {
  std::span<std::uint8_t> bytes =
      arguments[0]->IsArrayBufferView() ? writable_bytes(arguments[0]) : std::span<std::uint8_t>();
  const auto offset = static_cast<std::size_t>(number_at(arguments, 1));
  const auto size = static_cast<std::size_t>(number_at(arguments, 2));
  if (offset > bytes.size() || size > bytes.size() - offset) return;
  fill_random(bytes.data() + offset, size);
}

using Spkac = std::unique_ptr<NETSCAPE_SPKI, webapi::FreeWith<NETSCAPE_SPKI_free>>;

Spkac spkac_at(const js::Arguments& arguments, int index) {
  // A length of zero would mean text that ends in NUL.
  std::string text(webapi::text_of(bytes_at(arguments, index)));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.pop_back();
  }
  if (text.empty()) return nullptr;
  return Spkac(NETSCAPE_SPKI_b64_decode(text.data(), static_cast<int>(text.size())));
}

void spkac_verify(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  Spkac spkac = spkac_at(arguments, 0);
  webapi::Pkey key(spkac == nullptr ? nullptr : NETSCAPE_SPKI_get_pubkey(spkac.get()));
  arguments.GetReturnValue().Set(key != nullptr &&
                                 NETSCAPE_SPKI_verify(spkac.get(), key.get()) > 0);
}

// → the key in PEM; undefined if there is none
void spkac_public_key(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  Spkac spkac = spkac_at(arguments, 0);
  auto key = webapi::make_key(
      webapi::Key::Kind::Public,
      webapi::Pkey(spkac == nullptr ? nullptr : NETSCAPE_SPKI_get_pubkey(spkac.get())));
  if (key == nullptr) return;
  webapi::return_text_bytes(arguments, write_key(*key, {.encoding = KeyEncoding::Spki}));
}

void spkac_challenge(const js::Arguments& arguments) {
  webapi::OpensslScope scope;
  Spkac spkac = spkac_at(arguments, 0);
  if (spkac == nullptr) return;
  const ASN1_IA5STRING* challenge = spkac->spkac->challenge;
  webapi::return_bytes(arguments, Bytes(ASN1_STRING_get0_data(challenge),
                                        static_cast<std::size_t>(ASN1_STRING_length(challenge))));
}

constexpr js::NativeFunction kFunctions[] = {
    {"pbkdf2", derive_pbkdf2},
    {"hkdf", derive_hkdf},
    {"scrypt", derive_scrypt},
    {"agree", derive_agreement},
    {"timingSafeEqual", equal_in_constant_time},
    {"randomFill", random_fill},
    {"spkacVerify", spkac_verify},
    {"spkacPublicKey", spkac_public_key},
    {"spkacChallenge", spkac_challenge},
};

}  // namespace

const Binding kCryptoDeriveBinding{"crypto_derive", kFunctions};

}  // namespace atoll::nodeapi
