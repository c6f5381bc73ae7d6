// A body that is decoded or encoded as it is read.
#pragma once

#include <memory>

#include "async/byte_source.h"
#include "http/coding/content_coding.h"

namespace atoll::http {

// Reading gives pieces of at most kMaxPiece bytes, so that little input never becomes much output
// at once. The inner source is asked for more only when nothing is left of what it gave.
inline constexpr std::size_t kMaxPiece = 64 << 10;

// What `coded` unfolds to. Several gzip members behind one another are read as one body, and no
// bytes at all as an empty one. Bytes behind the end, and an end that comes too early, are errors.
std::unique_ptr<ByteSource> decode_source(std::unique_ptr<ByteSource> coded, Coding coding,
                                          std::shared_ptr<js::MemoryAccount> account);

// `plain` in coded form. Whenever it makes its reader wait, everything before can be decoded.
std::unique_ptr<ByteSource> encode_source(std::unique_ptr<ByteSource> plain, Coding coding,
                                          std::shared_ptr<js::MemoryAccount> account);

}  // namespace atoll::http
