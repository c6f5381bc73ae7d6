#include "http/coding/charged_memory.h"
#include "http/coding/codings.h"
#include "http/coding/node_compression.h"
#include "http/coding/output_tail.h"

namespace atoll::http {
namespace {

constexpr int kDefaultLevel = 3;
constexpr int kWindowLog = 23;  // 8 MiB, the most that RFC 9659 lets the content coding ask for

Error failure(std::size_t code, const char* message) {
  return ZSTD_getErrorCode(code) == kZstdMemoryError ? out_of_memory() : invalid_input(message);
}

class ZstdEncoder final : public Transcoder {
 public:
  explicit ZstdEncoder(std::shared_ptr<js::MemoryAccount> account)
      : memory_(std::move(account)),
        state_(
            ZSTD_createCCtx_advanced({ChargedMemory::allocate, ChargedMemory::release, &memory_})) {
  }
  ~ZstdEncoder() override { ZSTD_freeCCtx(state_); }

  bool begin(int level) {
    return state_ != nullptr && !ZSTD_isError(ZSTD_CCtx_setParameter(state_, kZstdLevel, level));
  }

  Result<Step> step(std::string_view input, InputPiece piece, std::string& output,
                    std::size_t most) override {
    int operation = piece == InputPiece::More    ? kZstdContinue
                    : piece == InputPiece::Flush ? kZstdFlush
                                                 : kZstdEnd;
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{nullptr, 0, 0};
    std::size_t result = 0;
    append_with(output, most, [&](char* begin, std::size_t room) {
      out = {begin, room, 0};
      result = ZSTD_compressStream2(state_, &out, &in, operation);
      return out.pos;
    });
    if (ZSTD_isError(result)) return fail(failure(result, "Zstandard compression failed."));
    Step made;
    made.consumed = in.pos;
    made.ended = piece == InputPiece::Last && result == 0;
    made.output_full = piece == InputPiece::More ? in.pos < in.size : result != 0;
    return made;
  }

 private:
  ChargedMemory memory_;
  ZSTD_CCtx* state_;
};

class ZstdDecoder final : public Transcoder {
 public:
  explicit ZstdDecoder(std::shared_ptr<js::MemoryAccount> account)
      : memory_(std::move(account)),
        state_(
            ZSTD_createDCtx_advanced({ChargedMemory::allocate, ChargedMemory::release, &memory_})) {
  }
  ~ZstdDecoder() override { ZSTD_freeDCtx(state_); }

  bool begin() {
    return state_ != nullptr &&
           !ZSTD_isError(ZSTD_DCtx_setParameter(state_, kZstdWindowLogMax, kWindowLog));
  }

  Result<Step> step(std::string_view input, InputPiece, std::string& output,
                    std::size_t most) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{nullptr, 0, 0};
    std::size_t result = 0;
    append_with(output, most, [&](char* begin, std::size_t room) {
      out = {begin, room, 0};
      result = ZSTD_decompressStream(state_, &out, &in);
      return out.pos;
    });
    if (ZSTD_isError(result)) return fail(failure(result, "Zstandard decompression failed."));
    Step made;
    made.consumed = in.pos;
    made.ended = result == 0;
    made.output_full = !made.ended && out.pos == out.size;
    return made;
  }

 private:
  ChargedMemory memory_;
  ZSTD_DCtx* state_;
};

}  // namespace

Result<std::unique_ptr<Transcoder>> make_zstd_encoder(std::optional<int> level,
                                                      std::shared_ptr<js::MemoryAccount> account) {
  auto made = std::make_unique<ZstdEncoder>(std::move(account));
  if (!made->begin(level.value_or(kDefaultLevel))) return fail(out_of_memory());
  return made;
}

Result<std::unique_ptr<Transcoder>> make_zstd_decoder(std::shared_ptr<js::MemoryAccount> account) {
  auto made = std::make_unique<ZstdDecoder>(std::move(account));
  if (!made->begin()) return fail(out_of_memory());
  return made;
}

}  // namespace atoll::http
