#include "runtime/message_coding.h"

#include "async/string_source.h"
#include "http/coding/coded_source.h"

namespace atoll::runtime {

std::optional<http::Coding> coding_of_response(const http::HeaderBlock& headers) {
  auto value = headers.find("content-encoding");
  if (!value) return std::nullopt;
  if (*value == "gzip") return http::Coding::Gzip;
  if (*value == "br") return http::Coding::Brotli;
  return std::nullopt;
}

Body recoded(Body body, std::optional<http::Coding> from, std::optional<http::Coding> to,
             const std::shared_ptr<js::MemoryAccount>& account) {
  if (from == to || std::holds_alternative<std::monostate>(body)) return body;
  std::unique_ptr<ByteSource> source;
  if (auto* bytes = std::get_if<std::string>(&body)) {
    source = std::make_unique<StringSource>(std::move(*bytes));
  } else {
    source = std::move(std::get<std::unique_ptr<ByteSource>>(body));
  }
  if (from) source = http::decode_source(std::move(source), *from, account);
  if (to) source = http::encode_source(std::move(source), *to, account);
  return source;
}

}  // namespace atoll::runtime
