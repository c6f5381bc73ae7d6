// SHA-256 of two texts at once. The processor's instructions for it wait most of the time for their
// own results; two independent computations, interleaved, fill each other's gaps, which takes a
// third off the time of each.
#pragma once

#include <cstdint>
#include <span>

namespace atoll::webapi {

// Whether this processor has the instructions.
bool can_pair_sha256();

struct Sha256Pair {
  std::uint8_t first[32];
  std::uint8_t second[32];
};

// The texts may differ in length; what one is longer is computed alone. can_pair_sha256() must
// hold.
Sha256Pair sha256_pair(std::span<const std::uint8_t> first, std::span<const std::uint8_t> second);

}  // namespace atoll::webapi
