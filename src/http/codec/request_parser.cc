#include "http/codec/request_parser.h"

#include <algorithm>

#include "http/codec/text_scan.h"

namespace atoll::http {
namespace {

constexpr std::size_t kMaxMethodBytes = 32;
constexpr std::size_t kMaxLeadingBlankLines = 4;

// Letters as in GET and M-SEARCH. The standard would allow any token; nobody needs that, and a word
// that is left over from a body must not become part of a method.
bool is_method_char(char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; }

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_name_char(char c) {
  bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
  return plain || std::string_view("-._~!$&'()*+,;=").find(c) != std::string_view::npos;
}

// What a Host header or an authority may hold: a name or an address, perhaps a port. No user
// information, and no escapes: they would make two spellings of one name.
bool is_host_text(std::string_view text) {
  std::size_t end = 0;
  if (text.starts_with('[')) {
    for (end = 1; end < text.size() && text[end] != ']'; ++end) {
      if (!is_hex_digit(text[end]) && text[end] != ':' && text[end] != '.') return false;
    }
    if (end < 3 || end == text.size()) return false;
    ++end;
  } else {
    bool after_dot = true;  // as a name may not begin with one
    for (; end < text.size() && text[end] != ':'; ++end) {
      if (!is_name_char(text[end]) || (after_dot && text[end] == '.')) return false;
      after_dot = text[end] == '.';
    }
    if (end == 0) return false;
  }
  if (end == text.size()) return true;
  std::string_view port = text.substr(end);
  return port[0] == ':' && port.size() <= 6 && std::ranges::all_of(port.substr(1), is_digit);
}

}  // namespace

void RequestHeadParser::reset() {
  stage_ = Stage::RequestLine;
  at_ = 0;
  head_ = RequestHead();
  has_host_ = has_length_ = asks_close_ = asks_keep_alive_ = false;
}

HeadProgress RequestHeadParser::refuse(int status, const char* reason) {
  refusal_ = {status, reason};
  return HeadProgress::Refused;
}

HeadProgress RequestHeadParser::feed(std::string_view buffer) {
  if (stage_ == Stage::RequestLine) {
    HeadProgress progress = read_request_line(buffer);
    if (progress != HeadProgress::Complete) return progress;
    stage_ = Stage::Headers;
    section_.start(at_);
  }
  return read_headers(buffer);
}

HeadProgress RequestHeadParser::read_request_line(std::string_view buffer) {
  // Some old clients send an empty line after a body.
  while (at_ < buffer.size() && buffer[at_] == '\r') {
    if (at_ + 1 == buffer.size()) return HeadProgress::NeedMore;
    if (buffer[at_ + 1] != '\n') return refuse(400, "a carriage return without a line feed");
    at_ += 2;
    if (at_ > 2 * kMaxLeadingBlankLines) return refuse(400, "blank lines before the request");
  }

  std::size_t at = at_;
  while (at < buffer.size() && is_method_char(buffer[at])) ++at;
  if (at - at_ > kMaxMethodBytes) return refuse(400, "a method that is too long");
  if (at == buffer.size()) return HeadProgress::NeedMore;
  if (buffer[at] != ' ' || at == at_) return refuse(400, "a malformed method");
  std::string_view method = buffer.substr(at_, at - at_);

  std::size_t target_begin = at + 1;
  std::size_t target_end = find_target_stop(buffer, target_begin);
  if (target_end - target_begin > limits_->url_bytes) return refuse(414, "the URL is too long");
  if (target_end == buffer.size()) return HeadProgress::NeedMore;
  if (buffer[target_end] != ' ' || target_end == target_begin) {
    return refuse(400, "a malformed request target");
  }
  std::string_view target = buffer.substr(target_begin, target_end - target_begin);

  HeadProgress progress = read_version(buffer, target_end + 1);
  if (progress != HeadProgress::Complete) return progress;
  head_.method = method;
  head_.target = target;
  return check_target();
}

HeadProgress RequestHeadParser::read_version(std::string_view buffer, std::size_t at) {
  constexpr std::string_view kVersion = "HTTP/1.";
  for (char expected : kVersion) {
    if (at == buffer.size()) return HeadProgress::NeedMore;
    char c = buffer[at++];
    if (c == expected) continue;
    if (expected == '1' && is_digit(c)) return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken");
    return refuse(400, "a malformed HTTP version");
  }
  if (at == buffer.size()) return HeadProgress::NeedMore;
  if (!is_digit(buffer[at])) return refuse(400, "a malformed HTTP version");
  head_.minor_version = buffer[at++] == '0' ? 0 : 1;
  for (char expected : std::string_view("\r\n")) {
    if (at == buffer.size()) return HeadProgress::NeedMore;
    if (buffer[at++] != expected) return refuse(400, "a malformed end of the request line");
  }
  at_ = at;
  return HeadProgress::Complete;
}

HeadProgress RequestHeadParser::check_target() {
  const std::string& target = head_.target;
  if (head_.method == "CONNECT") return refuse(501, "CONNECT is not offered");
  if (head_.method == "TRACE") return refuse(501, "TRACE is not offered");
  if (target.front() == '/') return HeadProgress::Complete;
  if (target == "*") {
    if (head_.method == "OPTIONS") return HeadProgress::Complete;
    return refuse(400, "the target * with a method other than OPTIONS");
  }
  if (!is_host_text(target_authority(target))) return refuse(400, "a malformed request target");
  return HeadProgress::Complete;
}

HeadProgress RequestHeadParser::read_headers(std::string_view buffer) {
  for (;;) {
    switch (section_.next(buffer, *limits_)) {
      case HeaderSection::Step::Line:
        if (note_header() == HeadProgress::Refused) return HeadProgress::Refused;
        break;
      case HeaderSection::Step::End:
        return finish();
      case HeaderSection::Step::NeedMore:
        return HeadProgress::NeedMore;
      case HeaderSection::Step::Malformed:
        return refuse(400, section_.problem());
      case HeaderSection::Step::TooLong:
        return refuse(431, "the headers are too long");
      case HeaderSection::Step::TooMany:
        return refuse(431, "too many headers");
    }
  }
}

HeadProgress RequestHeadParser::note_header() {
  std::string_view name = section_.name();
  std::string_view value = section_.value();
  switch (name.size()) {
    case 4:
      if (!equals_lower(name, "host")) break;
      if (has_host_) return refuse(400, "more than one Host header");
      if (!is_host_text(value) || section_.has_tabs_around_value()) {
        return refuse(400, "a malformed Host header");
      }
      has_host_ = true;
      break;
    case 6:
      if (!equals_lower(name, "expect")) break;
      if (!equals_lower(value, "100-continue")) return refuse(417, "an unknown expectation");
      head_.expect_continue = true;
      break;
    case 10:
      if (!equals_lower(name, "connection")) break;
      asks_close_ = asks_close_ || list_has_token(value, "close");
      asks_keep_alive_ = asks_keep_alive_ || list_has_token(value, "keep-alive");
      break;
    case 14:
      if (equals_lower(name, "content-length")) return note_content_length(value);
      break;
    case 17:
      if (equals_lower(name, "transfer-encoding")) return note_transfer_encoding(value);
      break;
    default:
      break;
  }
  return HeadProgress::NeedMore;
}

HeadProgress RequestHeadParser::note_content_length(std::string_view value) {
  if (has_length_) return refuse(400, "more than one Content-Length header");
  auto length = parse_length(value);
  if (!length || section_.has_tabs_around_value()) {
    return refuse(400, "a malformed Content-Length header");
  }
  if (head_.framing == BodyFraming::Chunked) {
    return refuse(400, "both Content-Length and Transfer-Encoding");
  }
  has_length_ = true;
  head_.framing = BodyFraming::Length;
  head_.content_length = *length;
  return HeadProgress::NeedMore;
}

HeadProgress RequestHeadParser::note_transfer_encoding(std::string_view value) {
  if (has_length_) return refuse(400, "both Content-Length and Transfer-Encoding");
  if (head_.framing == BodyFraming::Chunked) {
    return refuse(400, "more than one Transfer-Encoding header");
  }
  if (head_.minor_version == 0) return refuse(400, "Transfer-Encoding in HTTP/1.0");
  if (value.empty() || section_.has_tabs_around_value()) {
    return refuse(400, "a malformed Transfer-Encoding header");
  }
  if (!equals_lower(value, "chunked")) {
    return refuse(501, "a transfer coding other than chunked");
  }
  head_.framing = BodyFraming::Chunked;
  return HeadProgress::NeedMore;
}

HeadProgress RequestHeadParser::finish() {
  if (!has_host_ && head_.minor_version == 1) return refuse(400, "no Host header");
  at_ = section_.end();
  head_.keep_alive = !asks_close_ && (head_.minor_version == 1 || asks_keep_alive_);
  head_.expect_continue = head_.expect_continue && head_.minor_version == 1;
  head_.headers.raw_ = section_.lines();
  head_.headers.spans_ = section_.take_spans();
  return HeadProgress::Complete;
}

}  // namespace atoll::http
