// Brotli's and Zstandard's streaming functions as the Node binary exports them (its zlib comes with
// a header, these do not). https://github.com/google/brotli and https://github.com/facebook/zstd
// document them.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

using BrotliAllocate = void* (*)(void* opaque, std::size_t size);
using BrotliRelease = void (*)(void* opaque, void* address);

struct BrotliEncoderState;
BrotliEncoderState* BrotliEncoderCreateInstance(BrotliAllocate, BrotliRelease, void* opaque);
void BrotliEncoderDestroyInstance(BrotliEncoderState*);
int BrotliEncoderSetParameter(BrotliEncoderState*, int parameter, std::uint32_t value);
int BrotliEncoderCompressStream(BrotliEncoderState*, int operation, std::size_t* available_in,
                                const std::uint8_t** next_in, std::size_t* available_out,
                                std::uint8_t** next_out, std::size_t* total_out);
int BrotliEncoderHasMoreOutput(BrotliEncoderState*);
int BrotliEncoderIsFinished(BrotliEncoderState*);

struct BrotliDecoderState;
BrotliDecoderState* BrotliDecoderCreateInstance(BrotliAllocate, BrotliRelease, void* opaque);
void BrotliDecoderDestroyInstance(BrotliDecoderState*);
int BrotliDecoderDecompressStream(BrotliDecoderState*, std::size_t* available_in,
                                  const std::uint8_t** next_in, std::size_t* available_out,
                                  std::uint8_t** next_out, std::size_t* total_out);
int BrotliDecoderGetErrorCode(const BrotliDecoderState*);

struct ZSTD_CCtx;
struct ZSTD_DCtx;
struct ZSTD_inBuffer {
  const void* src;
  std::size_t size;
  std::size_t pos;
};
struct ZSTD_outBuffer {
  void* dst;
  std::size_t size;
  std::size_t pos;
};
struct ZSTD_customMem {
  void* (*allocate)(void* opaque, std::size_t size);
  void (*release)(void* opaque, void* address);
  void* opaque;
};
ZSTD_CCtx* ZSTD_createCCtx_advanced(ZSTD_customMem);
std::size_t ZSTD_freeCCtx(ZSTD_CCtx*);
std::size_t ZSTD_CCtx_setParameter(ZSTD_CCtx*, int parameter, int value);
std::size_t ZSTD_compressStream2(ZSTD_CCtx*, ZSTD_outBuffer*, ZSTD_inBuffer*, int end_operation);
ZSTD_DCtx* ZSTD_createDCtx_advanced(ZSTD_customMem);
std::size_t ZSTD_freeDCtx(ZSTD_DCtx*);
std::size_t ZSTD_DCtx_setParameter(ZSTD_DCtx*, int parameter, int value);
std::size_t ZSTD_decompressStream(ZSTD_DCtx*, ZSTD_outBuffer*, ZSTD_inBuffer*);
unsigned ZSTD_isError(std::size_t code);
int ZSTD_getErrorCode(std::size_t result);

}  // extern "C"

namespace atoll::http {

inline constexpr int kBrotliQuality = 1;    // BROTLI_PARAM_QUALITY
inline constexpr int kBrotliWindowLog = 2;  // BROTLI_PARAM_LGWIN
inline constexpr int kBrotliProcess = 0;
inline constexpr int kBrotliFlush = 1;
inline constexpr int kBrotliFinish = 2;
inline constexpr int kBrotliDecoderFailed = 0;
inline constexpr int kBrotliDecoderDone = 1;
inline constexpr int kBrotliDecoderNeedsInput = 2;
inline constexpr int kBrotliDecoderNeedsOutput = 3;
// Error codes from -21 to -31: an allocation failed.
inline constexpr int kBrotliFirstAllocationError = -21;
inline constexpr int kBrotliLastAllocationError = -31;

inline constexpr int kZstdLevel = 100;         // ZSTD_c_compressionLevel
inline constexpr int kZstdWindowLogMax = 100;  // ZSTD_d_windowLogMax
inline constexpr int kZstdContinue = 0;
inline constexpr int kZstdFlush = 1;
inline constexpr int kZstdEnd = 2;
inline constexpr int kZstdMemoryError = 64;  // ZSTD_error_memory_allocation

}  // namespace atoll::http
