#include "http/coding/charged_memory.h"
#include "http/coding/codings.h"
#include "http/coding/node_compression.h"
#include "http/coding/output_tail.h"

namespace atoll::http {
namespace {

// Level 11 is for files that are compressed once; this one suits answers made on the fly.
constexpr int kDefaultQuality = 4;
constexpr int kWindowLog = 19;  // 512 KiB: the encoder takes a few times that

class BrotliEncoder final : public Transcoder {
 public:
  explicit BrotliEncoder(std::shared_ptr<js::MemoryAccount> account)
      : memory_(std::move(account)),
        state_(BrotliEncoderCreateInstance(ChargedMemory::allocate, ChargedMemory::release,
                                           &memory_)) {}
  ~BrotliEncoder() override {
    if (state_ != nullptr) BrotliEncoderDestroyInstance(state_);
  }

  bool begin(int quality) {
    return state_ != nullptr &&
           BrotliEncoderSetParameter(state_, kBrotliQuality, static_cast<unsigned>(quality)) != 0 &&
           BrotliEncoderSetParameter(state_, kBrotliWindowLog, kWindowLog) != 0;
  }

  Result<Step> step(std::string_view input, InputPiece piece, std::string& output,
                    std::size_t most) override {
    int operation = piece == InputPiece::More    ? kBrotliProcess
                    : piece == InputPiece::Flush ? kBrotliFlush
                                                 : kBrotliFinish;
    auto* next_in = reinterpret_cast<const std::uint8_t*>(input.data());
    std::size_t left_in = input.size();
    std::size_t left_out = most;
    bool works = true;
    append_with(output, most, [&](char* begin, std::size_t room) {
      auto* next_out = reinterpret_cast<std::uint8_t*>(begin);
      works = BrotliEncoderCompressStream(state_, operation, &left_in, &next_in, &left_out,
                                          &next_out, nullptr) != 0;
      return room - left_out;
    });
    // The encoder has no other way to fail than a refused allocation.
    if (!works) return fail(out_of_memory());
    Step made;
    made.consumed = input.size() - left_in;
    made.ended = BrotliEncoderIsFinished(state_) != 0;
    made.output_full = !made.ended && (left_in > 0 || BrotliEncoderHasMoreOutput(state_) != 0);
    return made;
  }

 private:
  ChargedMemory memory_;
  BrotliEncoderState* state_;
};

class BrotliDecoder final : public Transcoder {
 public:
  explicit BrotliDecoder(std::shared_ptr<js::MemoryAccount> account)
      : memory_(std::move(account)),
        state_(BrotliDecoderCreateInstance(ChargedMemory::allocate, ChargedMemory::release,
                                           &memory_)) {}
  ~BrotliDecoder() override {
    if (state_ != nullptr) BrotliDecoderDestroyInstance(state_);
  }

  bool begin() const { return state_ != nullptr; }

  Result<Step> step(std::string_view input, InputPiece, std::string& output,
                    std::size_t most) override {
    auto* next_in = reinterpret_cast<const std::uint8_t*>(input.data());
    std::size_t left_in = input.size();
    std::size_t left_out = most;
    int result = kBrotliDecoderFailed;
    append_with(output, most, [&](char* begin, std::size_t room) {
      auto* next_out = reinterpret_cast<std::uint8_t*>(begin);
      result =
          BrotliDecoderDecompressStream(state_, &left_in, &next_in, &left_out, &next_out, nullptr);
      return room - left_out;
    });
    if (result == kBrotliDecoderFailed) {
      int error = BrotliDecoderGetErrorCode(state_);
      if (error <= kBrotliFirstAllocationError && error >= kBrotliLastAllocationError) {
        return fail(out_of_memory());
      }
      return fail(invalid_input("Brotli decompression failed."));
    }
    Step made;
    made.consumed = input.size() - left_in;
    made.ended = result == kBrotliDecoderDone;
    made.output_full = result == kBrotliDecoderNeedsOutput;
    return made;
  }

 private:
  ChargedMemory memory_;
  BrotliDecoderState* state_;
};

}  // namespace

Result<std::unique_ptr<Transcoder>> make_brotli_encoder(
    std::optional<int> level, std::shared_ptr<js::MemoryAccount> account) {
  auto made = std::make_unique<BrotliEncoder>(std::move(account));
  if (!made->begin(level.value_or(kDefaultQuality))) return fail(out_of_memory());
  return made;
}

Result<std::unique_ptr<Transcoder>> make_brotli_decoder(
    std::shared_ptr<js::MemoryAccount> account) {
  auto made = std::make_unique<BrotliDecoder>(std::move(account));
  if (!made->begin()) return fail(out_of_memory());
  return made;
}

}  // namespace atoll::http
