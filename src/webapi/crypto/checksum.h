// Checksums that crypto.DigestStream knows beside the digests, with the same face as those.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace atoll::webapi {

// A reflected CRC whose register starts and ends inverted; the sum is written big-endian.
template <typename Word, Word Polynomial>
struct Crc {
  struct State {
    Word value;
  };
  static constexpr std::size_t kSize = sizeof(Word);

  static void init(State& state) { state.value = static_cast<Word>(~Word{0}); }

  static void update(State& state, const void* data, std::size_t size) {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    Word value = state.value;
    for (std::size_t i = 0; i < size; ++i) {
      value = static_cast<Word>(kTable[(value ^ bytes[i]) & 0xff] ^ (value >> 8));
    }
    state.value = value;
  }

  static void finish(State& state, unsigned char* result) {
    const Word sum = static_cast<Word>(~state.value);
    for (std::size_t i = 0; i < kSize; ++i) {
      result[i] = static_cast<unsigned char>(sum >> (8 * (kSize - 1 - i)));
    }
  }

 private:
  static constexpr std::array<Word, 256> kTable = [] {
    std::array<Word, 256> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
      Word value = i;
      for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? Polynomial : 0);
      table[i] = value;
    }
    return table;
  }();
};

using Crc32 = Crc<std::uint32_t, 0xedb88320>;
using Crc32c = Crc<std::uint32_t, 0x82f63b78>;
using Crc64Nvme = Crc<std::uint64_t, 0x9a6c9329ac4bc9b5>;

}  // namespace atoll::webapi
