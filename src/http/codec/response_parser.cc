#include "http/codec/response_parser.h"

#include "http/codec/text_scan.h"

namespace atoll::http {
namespace {

constexpr std::string_view kVersion = "HTTP/1.";
constexpr std::size_t kStatusAt = kVersion.size() + 2;  // "HTTP/1.1 200"
constexpr std::size_t kStatusEnd = kStatusAt + 3;

}  // namespace

void ResponseHeadParser::reset(AskedMethod method) {
  method_ = method;
  in_headers_ = false;
  at_ = 0;
  head_ = ReceivedHead();
  has_length_ = is_chunked_ = says_close_ = says_keep_alive_ = false;
}

HeadProgress ResponseHeadParser::refuse(const char* problem) {
  problem_ = problem;
  return HeadProgress::Refused;
}

HeadProgress ResponseHeadParser::feed(std::string_view buffer) {
  if (!in_headers_) {
    HeadProgress progress = read_status_line(buffer);
    if (progress != HeadProgress::Complete) return progress;
    in_headers_ = true;
    section_.start(at_);
  }
  return read_headers(buffer);
}

HeadProgress ResponseHeadParser::read_status_line(std::string_view buffer) {
  for (std::size_t at = 0; at < kStatusEnd; ++at) {
    if (at == buffer.size()) return HeadProgress::NeedMore;
    char c = buffer[at];
    bool fits = at < kVersion.size()    ? c == kVersion[at]
                : at == kStatusAt - 1   ? c == ' '
                : at == kVersion.size() ? is_digit(c)
                : at == kStatusAt       ? c >= '1' && c <= '9'
                                        : is_digit(c);
    if (!fits) return refuse("a malformed status line");
  }
  // A few origins leave out the blank before an empty phrase.
  std::size_t end = find_value_stop(buffer, kStatusEnd);
  if (end > kStatusEnd && buffer[kStatusEnd] != ' ') return refuse("a malformed status line");
  if (end > limits_->url_bytes) return refuse("a status line that is too long");
  if (end == buffer.size()) return HeadProgress::NeedMore;
  if (buffer[end] != '\r') return refuse("a malformed status line");
  if (end + 1 == buffer.size()) return HeadProgress::NeedMore;
  if (buffer[end + 1] != '\n') return refuse("a carriage return without a line feed");

  head_.minor_version = buffer[kVersion.size()] == '0' ? 0 : 1;
  head_.status = 0;
  for (char digit : buffer.substr(kStatusAt, 3)) head_.status = head_.status * 10 + (digit - '0');
  head_.reason = trim_blanks(buffer.substr(kStatusEnd, end - kStatusEnd));
  at_ = end + 2;
  return HeadProgress::Complete;
}

HeadProgress ResponseHeadParser::read_headers(std::string_view buffer) {
  for (;;) {
    switch (section_.next(buffer, *limits_)) {
      case HeaderSection::Step::Line:
        if (!note_header()) return HeadProgress::Refused;
        break;
      case HeaderSection::Step::End:
        return finish();
      case HeaderSection::Step::NeedMore:
        return HeadProgress::NeedMore;
      case HeaderSection::Step::Malformed:
        return refuse(section_.problem());
      case HeaderSection::Step::TooLong:
        return refuse("headers that are too long");
      case HeaderSection::Step::TooMany:
        return refuse("too many headers");
    }
  }
}

bool ResponseHeadParser::note_header() {
  std::string_view name = section_.name();
  std::string_view value = section_.value();
  switch (name.size()) {
    case 10:
      if (!equals_lower(name, "connection")) return true;
      says_close_ = says_close_ || list_has_token(value, "close");
      says_keep_alive_ = says_keep_alive_ || list_has_token(value, "keep-alive");
      return true;
    case 14:
      if (!equals_lower(name, "content-length")) return true;
      if (!note_content_length(value)) return false;
      break;
    case 17:
      if (!equals_lower(name, "transfer-encoding")) return true;
      if (!note_transfer_encoding(value)) return false;
      break;
    default:
      return true;
  }
  if (has_length_ && is_chunked_) {
    return refuse("both Content-Length and Transfer-Encoding"), false;
  }
  return true;
}

bool ResponseHeadParser::note_content_length(std::string_view value) {
  auto length = parse_length(value);
  if (!length || section_.has_tabs_around_value()) {
    return refuse("a malformed Content-Length header"), false;
  }
  // The same number twice can only be read in one way.
  if (has_length_ && *length != head_.content_length) {
    return refuse("Content-Length headers that contradict each other"), false;
  }
  has_length_ = true;
  head_.content_length = *length;
  return true;
}

bool ResponseHeadParser::note_transfer_encoding(std::string_view value) {
  if (is_chunked_) return refuse("more than one Transfer-Encoding header"), false;
  if (!equals_lower(value, "chunked") || section_.has_tabs_around_value()) {
    return refuse("a transfer coding other than chunked"), false;
  }
  if (head_.minor_version == 0) return refuse("Transfer-Encoding in HTTP/1.0"), false;
  is_chunked_ = true;
  return true;
}

HeadProgress ResponseHeadParser::finish() {
  at_ = section_.end();
  head_.keep_alive = !says_close_ && (head_.minor_version == 1 || says_keep_alive_);
  bool never_has_body = head_.status < 200 || head_.status == 204 || head_.status == 304;
  if (never_has_body || method_ == AskedMethod::Head) {
    head_.framing = ResponseFraming::NoBody;
    // An origin that announces a body here may well send it.
    bool is_odd = is_chunked_ || (has_length_ && head_.content_length > 0);
    if (is_odd && method_ != AskedMethod::Head && head_.status != 304) head_.keep_alive = false;
  } else if (is_chunked_) {
    head_.framing = ResponseFraming::Chunked;
  } else if (has_length_) {
    head_.framing = ResponseFraming::Length;
  } else {
    head_.framing = ResponseFraming::UntilClose;
    head_.keep_alive = false;
  }
  head_.headers.raw_ = section_.lines();
  head_.headers.spans_ = section_.take_spans();
  return HeadProgress::Complete;
}

}  // namespace atoll::http
