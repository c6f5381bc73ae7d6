#include "webapi/crypto/scrypt.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

#include "webapi/crypto/derive.h"

namespace atoll::webapi {
namespace {

constexpr std::size_t kWords = 16;  // of a Salsa20 block
constexpr std::uint64_t kMostMemory = std::uint64_t{1} << 32;
constexpr std::uint64_t kBlocksBetweenLooks = 4096;

using Block = std::uint32_t[kWords];

// Salsa20/8 of a XOR b, into a.
void salsa(Block& a, const Block& b) {
  Block x;
  for (std::size_t i = 0; i < kWords; ++i) x[i] = a[i] ^= b[i];
  auto quarter = [&x](int i, int j, int k, int l) {
    x[j] ^= std::rotl(x[i] + x[l], 7);
    x[k] ^= std::rotl(x[j] + x[i], 9);
    x[l] ^= std::rotl(x[k] + x[j], 13);
    x[i] ^= std::rotl(x[l] + x[k], 18);
  };
  for (int round = 0; round < 8; round += 2) {
    quarter(0, 4, 8, 12);
    quarter(5, 9, 13, 1);
    quarter(10, 14, 2, 6);
    quarter(15, 3, 7, 11);
    quarter(0, 1, 2, 3);
    quarter(5, 6, 7, 4);
    quarter(10, 11, 8, 9);
    quarter(15, 12, 13, 14);
  }
  for (std::size_t i = 0; i < kWords; ++i) a[i] += x[i];
}

// scryptBlockMix: 2 r blocks from `from` to `to`.
void mix(const std::uint32_t* from, std::uint32_t* to, std::size_t r) {
  Block x;
  std::memcpy(x, from + (2 * r - 1) * kWords, sizeof(x));
  for (std::size_t i = 0; i < 2 * r; ++i) {
    Block block;
    std::memcpy(block, from + i * kWords, sizeof(block));
    salsa(x, block);
    // Blocks of even number come first.
    std::memcpy(to + (i / 2 + (i % 2) * r) * kWords, x, sizeof(x));
  }
}

// scryptROMix of one lane, in place. False if stopped.
bool mix_lane(std::uint32_t* lane, std::uint32_t* table, std::uint32_t* other,
              const ScryptCost& cost, const StopSign& stop) {
  const std::size_t words = 2 * cost.r * kWords;
  const std::uint64_t rounds_between_looks =
      std::max<std::uint64_t>(1, kBlocksBetweenLooks / cost.r);
  std::uint32_t* x = lane;
  std::uint32_t* y = other;
  for (std::uint64_t i = 0; i < cost.n; ++i) {
    std::memcpy(table + i * words, x, words * sizeof(*x));
    mix(x, y, cost.r);
    std::swap(x, y);
    if (i % rounds_between_looks == 0 && stop.raised()) return false;
  }
  for (std::uint64_t i = 0; i < cost.n; ++i) {
    const std::uint64_t low = x[(2 * cost.r - 1) * kWords];
    const std::uint64_t high = x[(2 * cost.r - 1) * kWords + 1];
    const std::uint32_t* row = table + ((high << 32 | low) & (cost.n - 1)) * words;
    for (std::size_t k = 0; k < words; ++k) x[k] ^= row[k];
    mix(x, y, cost.r);
    std::swap(x, y);
    if (i % rounds_between_looks == 0 && stop.raised()) return false;
  }
  // An even number of swaps: the result lies in the lane.
  return true;
}

}  // namespace

std::optional<std::size_t> scrypt_memory(const ScryptCost& cost) {
  const auto& [n, r, p] = cost;
  if (n < 2 || !std::has_single_bit(n) || r == 0 || p == 0) return std::nullopt;
  if (r > kMostMemory || p > kMostMemory || n > kMostMemory || p > ((1U << 30) - 1) / r) {
    return std::nullopt;
  }
  if (r < 4 && n >= std::uint64_t{1} << (16 * r)) return std::nullopt;
  if (n + p + 1 > kMostMemory / (128 * r)) return std::nullopt;
  return static_cast<std::size_t>(128 * r * (n + p + 1));
}

std::optional<Secret> scrypt(Bytes password, Bytes salt, const ScryptCost& cost, std::size_t length,
                             const StopSign& stop) {
  static_assert(std::endian::native == std::endian::little);
  const std::size_t lane_bytes = 128 * cost.r;
  auto lanes = pbkdf2(EVP_sha256(), password, salt, 1, cost.p * lane_bytes, stop);
  if (!lanes) return std::nullopt;
  const std::size_t lane_words = lane_bytes / sizeof(std::uint32_t);
  auto table = std::make_unique_for_overwrite<std::uint32_t[]>(cost.n * lane_words);
  auto other = std::make_unique_for_overwrite<std::uint32_t[]>(lane_words);
  auto* words = reinterpret_cast<std::uint32_t*>(lanes->data());
  bool done = true;
  for (std::uint64_t i = 0; i < cost.p && done; ++i) {
    done = mix_lane(words + i * lane_words, table.get(), other.get(), cost, stop);
  }
  OPENSSL_cleanse(table.get(), cost.n * lane_bytes);
  OPENSSL_cleanse(other.get(), lane_bytes);
  if (!done) return std::nullopt;
  return pbkdf2(EVP_sha256(), password, lanes->view(), 1, length, stop);
}

}  // namespace atoll::webapi
