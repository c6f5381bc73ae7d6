#include "webapi/crypto/sha256_pair.h"

#include <gtest/gtest.h>

#include <vector>

#include "webapi/crypto/digest.h"

namespace atoll::webapi {
namespace {

std::vector<std::uint8_t> text(std::size_t size, unsigned seed) {
  std::vector<std::uint8_t> bytes(size);
  for (std::uint8_t& byte : bytes) {
    seed = seed * 1664525 + 1013904223;
    byte = static_cast<std::uint8_t>(seed >> 24);
  }
  return bytes;
}

std::vector<std::uint8_t> alone(const std::vector<std::uint8_t>& bytes) {
  SHA256_CTX state;
  std::vector<std::uint8_t> result(32);
  Sha256::init(state);
  Sha256::update(state, bytes.data(), bytes.size());
  Sha256::finish(state, result.data());
  return result;
}

TEST(Sha256PairTest, GivesWhatEachGivesAlone) {
  if (!can_pair_sha256()) GTEST_SKIP() << "this processor lacks the instructions";
  for (auto [first, second] : {std::pair<std::size_t, std::size_t>{0, 0},
                               {1, 63},
                               {64, 64},
                               {65, 1000},
                               {4096, 4095},
                               {100'000, 3},
                               {1 << 20, (1 << 20) + 17}}) {
    std::vector<std::uint8_t> a = text(first, 1);
    std::vector<std::uint8_t> b = text(second, 2);
    Sha256Pair pair = sha256_pair(a, b);
    EXPECT_EQ(std::vector<std::uint8_t>(pair.first, pair.first + 32), alone(a)) << first;
    EXPECT_EQ(std::vector<std::uint8_t>(pair.second, pair.second + 32), alone(b)) << second;
  }
}

}  // namespace
}  // namespace atoll::webapi
