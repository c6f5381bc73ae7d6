#include "http/codec/request_writer.h"

#include <charconv>

#include "http/codec/text_scan.h"

namespace atoll::http {
namespace {

// Headers that concern one connection, and Host, which follows from the URL.
bool is_ours(std::string_view name, bool upgrade) {
  switch (name.size()) {
    case 2:
      return equals_lower(name, "te");
    case 4:
      return equals_lower(name, "host");
    case 7:
      return equals_lower(name, "trailer") || (!upgrade && equals_lower(name, "upgrade"));
    case 10:
      return equals_lower(name, "connection") || equals_lower(name, "keep-alive");
    case 14:
      return equals_lower(name, "content-length");
    case 16:
      return equals_lower(name, "proxy-connection");
    case 17:
      return equals_lower(name, "transfer-encoding");
    default:
      return false;
  }
}

}  // namespace

void append_request_head(std::string& out, const HeaderBlock& headers,
                         const RequestHeadOptions& options) {
  out.reserve(out.size() + headers.raw().size() + options.path.size() + options.host.size() + 128);
  out.append(options.method).append(" ").append(options.path).append(" HTTP/1.1\r\nHost: ");
  out.append(options.host).append("\r\n");
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (!is_ours(headers[i].name, options.upgrade)) out.append(headers.line(i));
  }
  if (options.framing == BodyFraming::Length) {
    char digits[24];
    char* end = std::to_chars(digits, digits + sizeof digits, options.body_length).ptr;
    out.append("Content-Length: ").append(digits, end).append("\r\n");
  } else if (options.framing == BodyFraming::Chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
  if (options.upgrade) out.append("Connection: Upgrade\r\n");
  out.append("\r\n");
}

bool is_sendable(std::string_view method, std::string_view path) {
  if (!is_token(method) || path.empty() || path.front() != '/') return false;
  return find_target_stop(path, 0) == path.size();
}

}  // namespace atoll::http
