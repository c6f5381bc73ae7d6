#include "http/coding/content_coding.h"

#include "http/codec/text_scan.h"
#include "http/coding/codings.h"

namespace atoll::http {

Result<std::unique_ptr<Transcoder>> make_encoder(Coding coding, std::optional<int> level,
                                                 std::shared_ptr<js::MemoryAccount> account) {
  switch (coding) {
    case Coding::Brotli:
      return make_brotli_encoder(level, std::move(account));
    case Coding::Zstd:
      return make_zstd_encoder(level, std::move(account));
    default:
      return make_deflate_encoder(coding, level, std::move(account));
  }
}

Result<std::unique_ptr<Transcoder>> make_decoder(Coding coding,
                                                 std::shared_ptr<js::MemoryAccount> account) {
  switch (coding) {
    case Coding::Brotli:
      return make_brotli_decoder(std::move(account));
    case Coding::Zstd:
      return make_zstd_decoder(std::move(account));
    default:
      return make_deflate_decoder(coding, std::move(account));
  }
}

std::optional<Coding> coding_named(std::string_view content_encoding) {
  std::string_view name = trim_blanks(content_encoding);
  if (equals_lower(name, "gzip") || equals_lower(name, "x-gzip")) return Coding::Gzip;
  if (equals_lower(name, "deflate")) return Coding::Deflate;
  if (equals_lower(name, "br")) return Coding::Brotli;
  if (equals_lower(name, "zstd")) return Coding::Zstd;
  return std::nullopt;
}

}  // namespace atoll::http
