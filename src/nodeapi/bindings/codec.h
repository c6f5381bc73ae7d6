// The compressors behind node:zlib, one interface for all of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace atoll::js {
class MemoryAccount;
}

namespace atoll::nodeapi {

struct CodecError {
  std::string message;
  int number = 0;
  std::string code;
};

class Codec {
 public:
  virtual ~Codec() = default;

  // Moves both spans over what was used. `flush` is a number of the library's own; `process` below
  // it. The input may be empty.
  virtual std::optional<CodecError> step(std::span<const std::uint8_t>& input,
                                         std::span<std::uint8_t>& output, int flush) = 0;
  // After the last step of a write: whether input or output should not have ended here.
  virtual std::optional<CodecError> check_end(bool room_left, int flush) = 0;
  virtual std::optional<CodecError> reset() = 0;
  virtual std::optional<CodecError> set_params(int level, int strategy) { return std::nullopt; }
};

// Node's numbers for what a stream does.
enum class CodecMode {
  Deflate = 1,
  Inflate,
  Gzip,
  Gunzip,
  DeflateRaw,
  InflateRaw,
  Unzip,
  BrotliDecode,
  BrotliEncode,
  ZstdCompress,
  ZstdDecompress
};

struct ZlibOptions {
  int window_bits = 15;
  int level = -1;
  int memory_level = 8;
  int strategy = 0;
  bool reject_garbage = false;
};

// Null when a parameter is refused or memory is short.
std::unique_ptr<Codec> make_zlib_codec(CodecMode mode, const ZlibOptions& options,
                                       std::string dictionary,
                                       std::shared_ptr<js::MemoryAccount> account);
// `params`: values by the library's parameter number; 0xffffffff stands for none.
std::unique_ptr<Codec> make_brotli_codec(CodecMode mode, std::span<const std::uint32_t> params,
                                         std::string dictionary,
                                         std::shared_ptr<js::MemoryAccount> account);
std::unique_ptr<Codec> make_zstd_codec(CodecMode mode, std::span<const std::uint32_t> params,
                                       std::optional<std::uint64_t> pledged_size,
                                       std::string dictionary,
                                       std::shared_ptr<js::MemoryAccount> account);

}  // namespace atoll::nodeapi
