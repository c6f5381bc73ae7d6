#include "http/codec/response_head.h"

#include <charconv>
#include <cstdio>

#include "http/codec/text_scan.h"

namespace atoll::http {
namespace {

// What a response's own headers hold that concerns the writer.
struct HeaderFindings {
  bool has_connection_headers = false;  // to be left out
  bool has_date = false;
  std::optional<std::uint64_t> content_length;
};

bool is_length_header(std::string_view name) {
  return name.size() == 14 && equals_lower(name, "content-length");
}

bool belongs_to_connection(std::string_view name) {
  switch (name.size()) {
    case 7:
      return equals_lower(name, "upgrade");
    case 10:
      return equals_lower(name, "connection") || equals_lower(name, "keep-alive");
    case 14:
      return is_length_header(name);
    case 16:
      return equals_lower(name, "proxy-connection");
    case 17:
      return equals_lower(name, "transfer-encoding");
    default:
      return false;
  }
}

HeaderFindings look_through(const HeaderBlock& headers) {
  HeaderFindings findings;
  for (HeaderBlock::Field field : headers) {
    if (field.name.size() == 4 && equals_lower(field.name, "date")) findings.has_date = true;
    if (!belongs_to_connection(field.name)) continue;
    findings.has_connection_headers = true;
    if (is_length_header(field.name)) findings.content_length = parse_length(field.value);
  }
  return findings;
}

void append_number(std::string& out, std::uint64_t number) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void append_status_line(std::string& out, const ResponseHead& head, int status) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(status));
  out.push_back(' ');
  bool own_reason = !head.reason.empty() && status == head.status &&
                    find_value_stop(head.reason, 0) == head.reason.size();
  out.append(own_reason ? std::string_view(head.reason) : standard_reason(status));
  out.append("\r\n");
}

void append_headers(std::string& out, const HeaderBlock& headers, bool has_connection_headers) {
  if (!has_connection_headers) {
    out.append(headers.raw());
    return;
  }
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (!belongs_to_connection(headers[i].name)) out.append(headers.line(i));
  }
}

}  // namespace

ResponseFraming choose_framing(int status, RequestTraits request,
                               std::optional<std::uint64_t> body_length) {
  if (request.is_head || status == 204 || status == 304) return ResponseFraming::NoBody;
  if (status == 205) return ResponseFraming::NoBody;
  if (body_length) return ResponseFraming::Length;
  return request.minor_version == 0 ? ResponseFraming::UntilClose : ResponseFraming::Chunked;
}

void append_response_head(std::string& out, const ResponseHead& head,
                          const ResponseHeadOptions& options) {
  int status = head.status >= 200 && head.status <= 999 ? head.status : 500;
  HeaderFindings findings = look_through(head.headers);
  append_status_line(out, head, status);
  if (!findings.has_date) out.append(options.date_line);
  append_headers(out, head.headers, findings.has_connection_headers);

  std::optional<std::uint64_t> length;
  if (options.framing == ResponseFraming::Length) {
    length = options.body_length;
  } else if (options.framing == ResponseFraming::NoBody && status == 205) {
    length = 0;
  } else if (options.framing == ResponseFraming::NoBody && status != 204) {
    bool known = options.body_length && *options.body_length > 0;
    length = known ? options.body_length : findings.content_length;
    if (!length && status != 304) length = options.body_length;
  }
  if (length) {
    out.append("Content-Length: ");
    append_number(out, *length);
    out.append("\r\n");
  }
  if (options.framing == ResponseFraming::Chunked) out.append("Transfer-Encoding: chunked\r\n");
  if (options.close) {
    out.append("Connection: close\r\n");
  } else if (options.request.minor_version == 0) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

void append_upgrade_head(std::string& out, const ResponseHead& head, std::string_view date_line) {
  HeaderFindings findings = look_through(head.headers);
  out.append("HTTP/1.1 101 Switching Protocols\r\n");
  if (!findings.has_date) out.append(date_line);
  append_headers(out, head.headers, findings.has_connection_headers);
  out.append("Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
}

std::string format_date_line(std::time_t now) {
  // strftime would follow the locale.
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[64];
  int size = std::snprintf(text, sizeof text, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
                           kDays[parts.tm_wday], parts.tm_mday, kMonths[parts.tm_mon],
                           parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return std::string(text, static_cast<std::size_t>(size));
}

}  // namespace atoll::http
