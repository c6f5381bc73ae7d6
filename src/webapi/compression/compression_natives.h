// What CompressionStream and DecompressionStream are made of, for compression_stream.js.
#pragma once

#include "js/native_function.h"

namespace atoll::webapi {

// transcoderOpen(format, decompresses) → a handle; format 0 gzip, 1 deflate, 2 deflate-raw
// transcoderStep(handle, bytes, start, isLast, status: Uint32Array(2)) → Uint8Array of at most
//     kMostPerStep bytes, or undefined if there are none. status[0] is how many bytes after `start`
//     it has read, status[1] a combination of StepState. Throws a TypeError for malformed bytes.
// transcoderClose(handle) frees its memory; the handle is of no use then.
//
// The handle is an ArrayBuffer nobody but the built-ins may see: what it stands for lives as long.
js::NativeTable compression_natives();

enum StepState : std::uint32_t {
  kOutputFull = 1,  // call again: there is more, even if all input has been read
  kEnded = 2,       // decompression: the compressed data ends here
};

}  // namespace atoll::webapi
