#include <vector>

#include "http/coding/charged_memory.h"
#include "http/coding/node_compression.h"
#include "nodeapi/bindings/codec.h"

extern "C" {
const char* BrotliDecoderErrorString(int code);
int BrotliDecoderSetParameter(BrotliDecoderState*, int parameter, std::uint32_t value);
}

namespace atoll::nodeapi {
namespace {

constexpr std::uint32_t kNoValue = 0xFFFFFFFF;

class BrotliEncoder final : public Codec {
 public:
  BrotliEncoder(std::span<const std::uint32_t> params, std::shared_ptr<js::MemoryAccount> account)
      : params_(params.begin(), params.end()), memory_(std::move(account)) {}
  ~BrotliEncoder() override { BrotliEncoderDestroyInstance(state_); }

  bool begin() {
    BrotliEncoderDestroyInstance(state_);
    state_ = BrotliEncoderCreateInstance(http::ChargedMemory::allocate,
                                         http::ChargedMemory::release, &memory_);
    if (state_ == nullptr) return false;
    for (std::size_t i = 0; i < params_.size(); ++i) {
      if (params_[i] == kNoValue) continue;
      if (!BrotliEncoderSetParameter(state_, static_cast<int>(i), params_[i])) return false;
    }
    return true;
  }

  std::optional<CodecError> step(std::span<const std::uint8_t>& input,
                                 std::span<std::uint8_t>& output, int flush) override {
    std::size_t in = input.size();
    const std::uint8_t* next_in = input.data();
    std::size_t out = output.size();
    std::uint8_t* next_out = output.data();
    int worked =
        BrotliEncoderCompressStream(state_, flush, &in, &next_in, &out, &next_out, nullptr);
    input = input.last(in);
    output = output.last(out);
    if (!worked) return CodecError{"Compression failed", -1, "ERR_BROTLI_COMPRESSION_FAILED"};
    return std::nullopt;
  }

  std::optional<CodecError> check_end(bool, int) override { return std::nullopt; }

  std::optional<CodecError> reset() override {
    if (begin()) return std::nullopt;
    return CodecError{"Could not initialize Brotli instance", -1, "ERR_ZLIB_INITIALIZATION_FAILED"};
  }

 private:
  std::vector<std::uint32_t> params_;
  http::ChargedMemory memory_;
  BrotliEncoderState* state_ = nullptr;
};

class BrotliDecoder final : public Codec {
 public:
  BrotliDecoder(std::span<const std::uint32_t> params, std::shared_ptr<js::MemoryAccount> account)
      : params_(params.begin(), params.end()), memory_(std::move(account)) {}
  ~BrotliDecoder() override { BrotliDecoderDestroyInstance(state_); }

  bool begin() {
    BrotliDecoderDestroyInstance(state_);
    state_ = BrotliDecoderCreateInstance(http::ChargedMemory::allocate,
                                         http::ChargedMemory::release, &memory_);
    if (state_ == nullptr) return false;
    for (std::size_t i = 0; i < params_.size(); ++i) {
      if (params_[i] == kNoValue) continue;
      if (!BrotliDecoderSetParameter(state_, static_cast<int>(i), params_[i])) return false;
    }
    return true;
  }

  std::optional<CodecError> step(std::span<const std::uint8_t>& input,
                                 std::span<std::uint8_t>& output, int flush) override {
    std::size_t in = input.size();
    const std::uint8_t* next_in = input.data();
    std::size_t out = output.size();
    std::uint8_t* next_out = output.data();
    result_ = BrotliDecoderDecompressStream(state_, &in, &next_in, &out, &next_out, nullptr);
    input = input.last(in);
    output = output.last(out);
    if (result_ == http::kBrotliDecoderFailed) {
      int code = BrotliDecoderGetErrorCode(state_);
      return CodecError{"Decompression failed", code,
                        std::string("ERR_") + BrotliDecoderErrorString(code)};
    }
    return std::nullopt;
  }

  std::optional<CodecError> check_end(bool, int flush) override {
    if (flush == http::kBrotliFinish && result_ == http::kBrotliDecoderNeedsInput) {
      return CodecError{"unexpected end of file", -5, "Z_BUF_ERROR"};
    }
    return std::nullopt;
  }

  std::optional<CodecError> reset() override {
    if (begin()) return std::nullopt;
    return CodecError{"Could not initialize Brotli instance", -1, "ERR_ZLIB_INITIALIZATION_FAILED"};
  }

 private:
  std::vector<std::uint32_t> params_;
  http::ChargedMemory memory_;
  BrotliDecoderState* state_ = nullptr;
  int result_ = http::kBrotliDecoderNeedsInput;
};

template <class Kind>
std::unique_ptr<Codec> make(std::span<const std::uint32_t> params,
                            std::shared_ptr<js::MemoryAccount> account) {
  auto made = std::make_unique<Kind>(params, std::move(account));
  if (!made->begin()) return nullptr;
  return made;
}

}  // namespace

std::unique_ptr<Codec> make_brotli_codec(CodecMode mode, std::span<const std::uint32_t> params,
                                         std::string dictionary,
                                         std::shared_ptr<js::MemoryAccount> account) {
  if (mode == CodecMode::BrotliEncode) return make<BrotliEncoder>(params, std::move(account));
  return make<BrotliDecoder>(params, std::move(account));
}

}  // namespace atoll::nodeapi
