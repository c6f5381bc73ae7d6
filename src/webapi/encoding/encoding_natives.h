// Text and bytes for encoding/*.js: UTF-8, UTF-16, the legacy encodings of
// https://encoding.spec.whatwg.org, base64.
#pragma once

#include "js/native_function.h"

namespace atoll::webapi {

// utf8Encode(string) → Uint8Array
// utf8EncodeInto(string, Uint8Array, counts: Uint32Array(2)) leaves UTF-16 units read and bytes
// written in counts utf8Decode(source, start, end, flags) → string; undefined if kFatal is set and
// the bytes are malformed utf16Decode(source, start, end, flags) → the same for UTF-16
// legacyDecode(encoding, source, start, end, flags, rest: Uint32Array(1)) → the same for the other
// encodings; unless kFlush is
//     set, rest[0] is the number of bytes at the end that are the beginning of a character
// encodingOf(label) → the encoding's name in lower case, or undefined
// base64Decode(string) → binary string, or undefined if it is not base64 (atob's forgiving form)
// base64Encode(string) → base64, or undefined if a character is above U+00FF
js::NativeTable encoding_natives();

// Bits of flags.
enum DecodeFlags : std::uint32_t {
  kFatal = 1,      // malformed input is an error, not U+FFFD
  kStripBom = 2,   // drop a byte order mark at the beginning
  kBigEndian = 4,  // utf16Decode
  kFlush = 8,      // no more bytes will follow (legacyDecode)
};

}  // namespace atoll::webapi
