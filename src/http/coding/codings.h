// The makers behind make_encoder() and make_decoder(), one pair for each library.
#pragma once

#include "http/coding/content_coding.h"

namespace atoll::http {

inline Error out_of_memory() {
  return Error(ErrorKind::LimitReached, "There is not enough memory for a compression stream.");
}

Result<std::unique_ptr<Transcoder>> make_deflate_encoder(
    Coding coding, std::optional<int> level, std::shared_ptr<js::MemoryAccount> account);
Result<std::unique_ptr<Transcoder>> make_deflate_decoder(
    Coding coding, std::shared_ptr<js::MemoryAccount> account);

Result<std::unique_ptr<Transcoder>> make_brotli_encoder(std::optional<int> level,
                                                        std::shared_ptr<js::MemoryAccount> account);
Result<std::unique_ptr<Transcoder>> make_brotli_decoder(std::shared_ptr<js::MemoryAccount> account);

Result<std::unique_ptr<Transcoder>> make_zstd_encoder(std::optional<int> level,
                                                      std::shared_ptr<js::MemoryAccount> account);
Result<std::unique_ptr<Transcoder>> make_zstd_decoder(std::shared_ptr<js::MemoryAccount> account);

}  // namespace atoll::http
