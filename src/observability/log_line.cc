#include "observability/log_line.h"

#include <charconv>
#include <cmath>

namespace atoll::observability {
namespace {

bool is_plain(unsigned char byte) {
  return byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\';
}

// Bytes of the well-formed UTF-8 sequence at the front of `text`; 0 if there is none.
std::size_t utf8_sequence(std::string_view text) {
  auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  unsigned lead = byte(0);
  std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < size; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  }
  return size;
}

void append_escaped(unsigned char byte, std::string& out) {
  constexpr char kDigits[] = "0123456789abcdef";
  switch (byte) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out.push_back(kDigits[byte >> 4]);
      out.push_back(kDigits[byte & 15]);
  }
}

// A value that a reader of the text form can take in without quotes.
bool needs_no_quotes(std::string_view text) {
  if (text.empty()) return false;
  for (unsigned char c : text) {
    if (!is_plain(c) || c == ' ' || c == '=') return false;
  }
  return true;
}

// Many lines are written in one millisecond.
std::string_view time_text(WallTime time) {
  thread_local WallTime formatted;
  thread_local std::string text;
  if (time != formatted || text.empty()) {
    formatted = time;
    text = format_rfc3339(time);
  }
  return text;
}

// Field names are ours: plain text that needs no escaping.
void append_name(LogFormat format, std::string_view name, std::string& out) {
  if (format == LogFormat::Json) {
    out += ",\"";
    out += name;
    out += "\":";
  } else {
    out.push_back(' ');
    out += name;
    out.push_back('=');
  }
}

void append_value(LogFormat format, std::string_view value, std::string& out) {
  if (format == LogFormat::Text && needs_no_quotes(value)) {
    out += value;
  } else {
    append_json_string(value, out);
  }
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out.push_back('"');
  for (std::size_t i = 0; i < text.size();) {
    std::size_t plain = i;
    while (plain < text.size() && is_plain(static_cast<unsigned char>(text[plain]))) ++plain;
    out += text.substr(i, plain - i);
    i = plain;
    if (i == text.size()) break;
    auto byte = static_cast<unsigned char>(text[i]);
    if (byte <= 0x7F) {
      append_escaped(byte, out);
      ++i;
    } else if (std::size_t size = utf8_sequence(text.substr(i)); size > 0) {
      out += text.substr(i, size);
      i += size;
    } else {
      out += "\xEF\xBF\xBD";
      ++i;
    }
  }
  out.push_back('"');
}

std::string_view log_level_name(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return "debug";
    case LogLevel::Info:
      return "info";
    case LogLevel::Warn:
      return "warn";
    case LogLevel::Error:
      return "error";
  }
  return "error";
}

LogLine::LogLine(LogFormat format, LogLevel level, WallTime time, std::string_view event,
                 std::string& out)
    : format_(format), out_(out) {
  if (format_ == LogFormat::Json) {
    out_ += "{\"time\":\"";
    out_ += time_text(time);
    out_ += "\",\"level\":\"";
    out_ += log_level_name(level);
    out_ += "\",\"event\":";
    append_json_string(event, out_);
    return;
  }
  out_ += time_text(time);
  out_.push_back(' ');
  out_ += log_level_name(level);
  out_.append(6 - log_level_name(level).size(), ' ');
  std::string quoted;
  append_json_string(event, quoted);
  out_ += std::string_view(quoted).substr(1, quoted.size() - 2);
}

LogLine::~LogLine() { out_ += format_ == LogFormat::Json ? "}\n" : "\n"; }

void LogLine::begin(std::string_view name) { append_name(format_, name, out_); }

LogLine& LogLine::field(std::string_view name, std::string_view value) {
  begin(name);
  append_value(format_, value, out_);
  return *this;
}

LogLine& LogLine::field(std::string_view name, std::chrono::nanoseconds time) {
  begin(name);
  auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
  if (microseconds < 0) microseconds = 0;
  char text[32];
  char* end = std::to_chars(text, text + sizeof text, microseconds / 1000).ptr;
  auto rest = microseconds % 1000;
  *end++ = '.';
  *end++ = static_cast<char>('0' + rest / 100);
  *end++ = static_cast<char>('0' + rest / 10 % 10);
  *end++ = static_cast<char>('0' + rest % 10);
  out_.append(text, end);
  return *this;
}

LogLine& LogLine::field(std::string_view name, double value) {
  begin(name);
  char text[32];
  auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out_ += std::isfinite(value) ? std::string_view(text, end) : "null";
  return *this;
}

LogLine& LogLine::json_field(std::string_view name, std::string_view json) {
  begin(name);
  out_ += json;
  return *this;
}

std::string formatted_fields(
    LogFormat format, std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  std::string out;
  for (auto [name, value] : fields) {
    if (value.empty()) continue;
    append_name(format, name, out);
    append_value(format, value, out);
  }
  return out;
}

}  // namespace atoll::observability
