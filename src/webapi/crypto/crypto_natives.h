// Randomness and digests for crypto/*.js, over the OpenSSL inside the Node binary.
#pragma once

#include "js/native_function.h"

namespace atoll::webapi {

// fillRandom(view): overwrites the bytes
// randomUUID() → string
// digest(algorithm, source) → ArrayBuffer
//     algorithm: 0 MD5, 1 SHA-1, 2 SHA-256, 3 SHA-384, 4 SHA-512, 5 crc32, 6 crc32c, 7 crc64nvme
// digestBegin(algorithm) → Uint8Array, the state of an unfinished digest
// digestUpdate(algorithm, state, source)
// digestEnd(algorithm, state) → ArrayBuffer
// bytesEqual(a, b) → boolean, in a time that depends on the length alone; undefined if the lengths
// differ
js::NativeTable crypto_natives();

}  // namespace atoll::webapi
