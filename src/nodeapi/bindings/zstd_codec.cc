#include <algorithm>
#include <vector>

#include "http/coding/charged_memory.h"
#include "http/coding/node_compression.h"
#include "nodeapi/bindings/codec.h"

extern "C" {
const char* ZSTD_getErrorString(int code);
std::size_t ZSTD_CCtx_setPledgedSrcSize(ZSTD_CCtx*, unsigned long long size);
std::size_t ZSTD_CCtx_loadDictionary(ZSTD_CCtx*, const void* dictionary, std::size_t size);
std::size_t ZSTD_DCtx_loadDictionary(ZSTD_DCtx*, const void* dictionary, std::size_t size);
}

namespace atoll::nodeapi {
namespace {

constexpr std::uint32_t kNoValue = 0xFFFFFFFF;

struct Name {
  int number;
  const char* name;
};
constexpr Name kNames[] = {
    {1, "ZSTD_error_GENERIC"},
    {10, "ZSTD_error_prefix_unknown"},
    {12, "ZSTD_error_version_unsupported"},
    {14, "ZSTD_error_frameParameter_unsupported"},
    {16, "ZSTD_error_frameParameter_windowTooLarge"},
    {20, "ZSTD_error_corruption_detected"},
    {22, "ZSTD_error_checksum_wrong"},
    {24, "ZSTD_error_literals_headerWrong"},
    {30, "ZSTD_error_dictionary_corrupted"},
    {32, "ZSTD_error_dictionary_wrong"},
    {34, "ZSTD_error_dictionaryCreation_failed"},
    {40, "ZSTD_error_parameter_unsupported"},
    {41, "ZSTD_error_parameter_combination_unsupported"},
    {42, "ZSTD_error_parameter_outOfBound"},
    {44, "ZSTD_error_tableLog_tooLarge"},
    {46, "ZSTD_error_maxSymbolValue_tooLarge"},
    {48, "ZSTD_error_maxSymbolValue_tooSmall"},
    {50, "ZSTD_error_stabilityCondition_notRespected"},
    {60, "ZSTD_error_stage_wrong"},
    {62, "ZSTD_error_init_missing"},
    {64, "ZSTD_error_memory_allocation"},
    {66, "ZSTD_error_workSpace_tooSmall"},
    {70, "ZSTD_error_dstSize_tooSmall"},
    {72, "ZSTD_error_srcSize_wrong"},
    {74, "ZSTD_error_dstBuffer_null"},
    {80, "ZSTD_error_noForwardProgress_destFull"},
    {82, "ZSTD_error_noForwardProgress_inputEmpty"},
};

CodecError error_of(std::size_t result) {
  int number = ZSTD_getErrorCode(result);
  const auto* found = std::ranges::find(kNames, number, &Name::number);
  return {ZSTD_getErrorString(number), number,
          found == std::end(kNames) ? "ZSTD_error_GENERIC" : found->name};
}

class ZstdEncoder final : public Codec {
 public:
  ZstdEncoder(std::span<const std::uint32_t> params, std::optional<std::uint64_t> pledged_size,
              std::string dictionary, std::shared_ptr<js::MemoryAccount> account)
      : params_(params.begin(), params.end()),
        pledged_size_(pledged_size),
        dictionary_(std::move(dictionary)),
        memory_(std::move(account)) {}
  ~ZstdEncoder() override { ZSTD_freeCCtx(context_); }

  bool begin() {
    ZSTD_freeCCtx(context_);
    context_ = ZSTD_createCCtx_advanced(
        {http::ChargedMemory::allocate, http::ChargedMemory::release, &memory_});
    if (context_ == nullptr) return false;
    for (std::size_t i = 0; i < params_.size(); ++i) {
      if (params_[i] != kNoValue &&
          ZSTD_isError(ZSTD_CCtx_setParameter(context_, static_cast<int>(i),
                                              static_cast<int>(params_[i])))) {
        return false;
      }
    }
    if (pledged_size_ && ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(context_, *pledged_size_))) {
      return false;
    }
    return dictionary_.empty() || !ZSTD_isError(ZSTD_CCtx_loadDictionary(
                                      context_, dictionary_.data(), dictionary_.size()));
  }

  std::optional<CodecError> step(std::span<const std::uint8_t>& input,
                                 std::span<std::uint8_t>& output, int flush) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    std::size_t left = ZSTD_compressStream2(context_, &out, &in, flush);
    input = input.subspan(in.pos);
    output = output.subspan(out.pos);
    if (ZSTD_isError(left)) return error_of(left);
    return std::nullopt;
  }

  std::optional<CodecError> check_end(bool, int) override { return std::nullopt; }

  std::optional<CodecError> reset() override {
    if (begin()) return std::nullopt;
    return CodecError{"Could not initialize zstd instance", -1, "ERR_ZLIB_INITIALIZATION_FAILED"};
  }

 private:
  std::vector<std::uint32_t> params_;
  std::optional<std::uint64_t> pledged_size_;
  std::string dictionary_;
  http::ChargedMemory memory_;
  ZSTD_CCtx* context_ = nullptr;
};

class ZstdDecoder final : public Codec {
 public:
  ZstdDecoder(std::span<const std::uint32_t> params, std::string dictionary,
              std::shared_ptr<js::MemoryAccount> account)
      : params_(params.begin(), params.end()),
        dictionary_(std::move(dictionary)),
        memory_(std::move(account)) {}
  ~ZstdDecoder() override { ZSTD_freeDCtx(context_); }

  bool begin() {
    ZSTD_freeDCtx(context_);
    context_ = ZSTD_createDCtx_advanced(
        {http::ChargedMemory::allocate, http::ChargedMemory::release, &memory_});
    if (context_ == nullptr) return false;
    for (std::size_t i = 0; i < params_.size(); ++i) {
      if (params_[i] != kNoValue &&
          ZSTD_isError(ZSTD_DCtx_setParameter(context_, static_cast<int>(i),
                                              static_cast<int>(params_[i])))) {
        return false;
      }
    }
    return dictionary_.empty() || !ZSTD_isError(ZSTD_DCtx_loadDictionary(
                                      context_, dictionary_.data(), dictionary_.size()));
  }

  std::optional<CodecError> step(std::span<const std::uint8_t>& input,
                                 std::span<std::uint8_t>& output, int flush) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    if (input.empty() && is_between_frames_) return std::nullopt;
    left_ = ZSTD_decompressStream(context_, &out, &in);
    input = input.subspan(in.pos);
    output = output.subspan(out.pos);
    if (ZSTD_isError(left_)) return error_of(left_);
    is_between_frames_ = left_ == 0;
    return std::nullopt;
  }

  std::optional<CodecError> check_end(bool room_left, int flush) override {
    if (flush == http::kZstdEnd && room_left && !is_between_frames_) {
      return CodecError{"unexpected end of file", -1, "ERR_ZSTD_DECOMPRESSION_FAILED"};
    }
    return std::nullopt;
  }

  std::optional<CodecError> reset() override {
    is_between_frames_ = true;
    if (begin()) return std::nullopt;
    return CodecError{"Could not initialize zstd instance", -1, "ERR_ZLIB_INITIALIZATION_FAILED"};
  }

 private:
  std::vector<std::uint32_t> params_;
  std::string dictionary_;
  http::ChargedMemory memory_;
  ZSTD_DCtx* context_ = nullptr;
  std::size_t left_ = 0;
  bool is_between_frames_ = true;
};

}  // namespace

std::unique_ptr<Codec> make_zstd_codec(CodecMode mode, std::span<const std::uint32_t> params,
                                       std::optional<std::uint64_t> pledged_size,
                                       std::string dictionary,
                                       std::shared_ptr<js::MemoryAccount> account) {
  if (mode == CodecMode::ZstdCompress) {
    auto made = std::make_unique<ZstdEncoder>(params, pledged_size, std::move(dictionary),
                                              std::move(account));
    return made->begin() ? std::move(made) : nullptr;
  }
  auto made = std::make_unique<ZstdDecoder>(params, std::move(dictionary), std::move(account));
  return made->begin() ? std::move(made) : nullptr;
}

}  // namespace atoll::nodeapi
