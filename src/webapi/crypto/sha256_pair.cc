#include "webapi/crypto/sha256_pair.h"

#include "webapi/crypto/digest.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

#include <algorithm>
#include <cstddef>

#include "base/check.h"

namespace atoll::webapi {

#if defined(__x86_64__)

namespace {

// FIPS 180-4, 4.2.2.
alignas(16) constexpr std::uint32_t kRounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

#define ATOLL_SHA __attribute__((target("sha,sse4.1,ssse3")))

// One computation: the state as the instructions want it (ABEF, CDGH), and sixteen words of the
// message schedule.
struct Lane {
  __m128i abef, cdgh, abef_before, cdgh_before, words[4];
};

ATOLL_SHA inline void load_state(Lane& lane, const unsigned* h) {
  __m128i abcd = _mm_loadu_si128(reinterpret_cast<const __m128i*>(h));
  __m128i efgh = _mm_loadu_si128(reinterpret_cast<const __m128i*>(h + 4));
  __m128i cdab = _mm_shuffle_epi32(abcd, 0xB1);
  __m128i hgfe = _mm_shuffle_epi32(efgh, 0x1B);
  lane.abef = _mm_alignr_epi8(cdab, hgfe, 8);
  lane.cdgh = _mm_blend_epi16(hgfe, cdab, 0xF0);
}

ATOLL_SHA inline void store_state(const Lane& lane, unsigned* h) {
  __m128i feba = _mm_shuffle_epi32(lane.abef, 0x1B);
  __m128i dchg = _mm_shuffle_epi32(lane.cdgh, 0xB1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(h), _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(h + 4), _mm_alignr_epi8(dchg, feba, 8));
}

ATOLL_SHA inline void load_block(Lane& lane, const std::uint8_t* block) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  lane.abef_before = lane.abef;
  lane.cdgh_before = lane.cdgh;
  for (int i = 0; i < 4; ++i) {
    lane.words[i] = _mm_shuffle_epi8(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * i)), big_endian);
  }
}

// Four rounds, and the schedule's words for the four that come sixteen later.
ATOLL_SHA inline void four_rounds(Lane& lane, int group) {
  __m128i* words = lane.words;
  __m128i input = _mm_add_epi32(
      words[group & 3], _mm_load_si128(reinterpret_cast<const __m128i*>(kRounds + 4 * group)));
  lane.cdgh = _mm_sha256rnds2_epu32(lane.cdgh, lane.abef, input);
  if (group < 12) {
    __m128i next = _mm_sha256msg1_epu32(words[group & 3], words[(group + 1) & 3]);
    next = _mm_add_epi32(next, _mm_alignr_epi8(words[(group + 3) & 3], words[(group + 2) & 3], 4));
    words[group & 3] = _mm_sha256msg2_epu32(next, words[(group + 3) & 3]);
  }
  lane.abef = _mm_sha256rnds2_epu32(lane.abef, lane.cdgh, _mm_shuffle_epi32(input, 0x0E));
}

ATOLL_SHA inline void finish_block(Lane& lane) {
  lane.abef = _mm_add_epi32(lane.abef, lane.abef_before);
  lane.cdgh = _mm_add_epi32(lane.cdgh, lane.cdgh_before);
}

ATOLL_SHA void hash_blocks(SHA256_CTX& first, SHA256_CTX& second, const std::uint8_t* first_block,
                           const std::uint8_t* second_block, std::size_t count) {
  Lane a;
  Lane b;
  load_state(a, first.h);
  load_state(b, second.h);
  for (; count > 0; --count, first_block += 64, second_block += 64) {
    load_block(a, first_block);
    load_block(b, second_block);
#pragma clang loop unroll(full)
    for (int group = 0; group < 16; ++group) {
      four_rounds(a, group);
      four_rounds(b, group);
    }
    finish_block(a);
    finish_block(b);
  }
  store_state(a, first.h);
  store_state(b, second.h);
}

#undef ATOLL_SHA

// Tells OpenSSL that so many bytes are done.
void count_bytes(SHA256_CTX& state, std::uint64_t bytes) {
  state.Nl = static_cast<unsigned>(bytes << 3);
  state.Nh = static_cast<unsigned>(bytes >> 29);
}

}  // namespace

bool can_pair_sha256() {
  static const bool can = [] {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    bool has_sha = __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx & (1u << 29)) != 0;
    bool has_sse = __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & (1u << 19)) != 0;
    return has_sha && has_sse;
  }();
  return can;
}

Sha256Pair sha256_pair(std::span<const std::uint8_t> first, std::span<const std::uint8_t> second) {
  CHECK(can_pair_sha256());
  SHA256_CTX a;
  SHA256_CTX b;
  Sha256::init(a);
  Sha256::init(b);
  std::size_t blocks = std::min(first.size(), second.size()) / 64;
  hash_blocks(a, b, first.data(), second.data(), blocks);
  count_bytes(a, blocks * 64);
  count_bytes(b, blocks * 64);
  Sha256::update(a, first.data() + blocks * 64, first.size() - blocks * 64);
  Sha256::update(b, second.data() + blocks * 64, second.size() - blocks * 64);
  Sha256Pair result;
  Sha256::finish(a, result.first);
  Sha256::finish(b, result.second);
  return result;
}

#else

bool can_pair_sha256() { return false; }

Sha256Pair sha256_pair(std::span<const std::uint8_t>, std::span<const std::uint8_t>) {
  CHECK(false);
}

#endif

}  // namespace atoll::webapi
