#include "apps/isolate_host/host_log.h"

#include <charconv>

#include "base/time.h"

namespace atoll::host {
namespace {

using border::LogLevel;

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::Debug: return "debug";
    case LogLevel::Info: return "info";
    case LogLevel::Warn: return "warn";
    case LogLevel::Error: return "error";
  }
  return "info";
}

// The clock text changes once a millisecond at most.
std::string_view time_text() {
  static WallTime formatted;
  static std::string text;
  WallTime now = wall_now();
  if (now != formatted || text.empty()) {
    formatted = now;
    text = format_rfc3339(now);
  }
  return text;
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out.push_back('"');
  std::size_t clean = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, clean, i - clean);
    clean = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        out += "\\u00";
        out.push_back(kDigits[c >> 4]);
        out.push_back(kDigits[c & 15]);
    }
  }
  out.append(text, clean);
  out.push_back('"');
}

// Text lines stay one line each, and tenant text cannot forge terminal control sequences.
void append_plain(std::string& out, std::string_view text) {
  for (char c : text) {
    unsigned char byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\n    ";
    } else if (byte < 0x20 || byte == 0x7F) {
      out.push_back(' ');
    } else {
      out.push_back(c);
    }
  }
}

LogLevel level_of(runtime::ConsoleLevel level) {
  switch (level) {
    case runtime::ConsoleLevel::Debug: return LogLevel::Debug;
    case runtime::ConsoleLevel::Warn: return LogLevel::Warn;
    case runtime::ConsoleLevel::Error: return LogLevel::Error;
    default: return LogLevel::Info;
  }
}

std::string_view console_name(runtime::ConsoleLevel level) {
  constexpr std::string_view kNames[] = {"debug", "info", "log", "warn", "error"};
  return kNames[static_cast<int>(level)];
}

double milliseconds(std::chrono::nanoseconds time) {
  return static_cast<double>(time.count()) / 1e6;
}

}  // namespace

void HostLog::begin(LogLevel level, std::string_view event) {
  line_.clear();
  if (json()) {
    line_ += "{\"time\":\"";
    line_ += time_text();
    line_ += "\",\"level\":\"";
    line_ += level_name(level);
    line_ += "\",\"event\":\"";
    line_ += event;
    line_ += '"';
  } else {
    line_ += time_text();
    line_ += ' ';
    line_ += level_name(level);
    line_ += ' ';
    line_ += event;
  }
}

void HostLog::field(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  if (json()) {
    line_ += ",\"";
    line_ += name;
    line_ += "\":";
    append_json_string(line_, value);
  } else {
    line_ += ' ';
    line_ += name;
    line_ += '=';
    append_plain(line_, value);
  }
}

void HostLog::number(std::string_view name, double value, int decimals) {
  char digits[32];
  auto done = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, decimals);
  line_ += json() ? ",\"" : " ";
  line_ += name;
  line_ += json() ? "\":" : "=";
  line_.append(digits, done.ptr);
}

void HostLog::identity(const runtime::ScriptIdentity& identity, std::string_view version_id,
                       std::string_view request_id) {
  if (json()) field("account", identity.account_id);
  field("namespace", identity.dispatch_namespace);
  field("script", identity.script_name);
  if (json()) field("version", version_id);
  field("request_id", request_id);
}

void HostLog::end() {
  line_ += json() ? "}\n" : "\n";
  link_.log(line_);
}

void HostLog::invocation(const runtime::InvocationRecord& record) {
  LogLevel level = record.outcome == runtime::Outcome::Ok ? LogLevel::Info : LogLevel::Error;
  if (record.outcome == runtime::Outcome::Canceled) level = LogLevel::Info;
  if (!wanted(level)) return;
  begin(level, "invocation");
  identity(record.identity, record.version_id, record.request_id);
  field("entrypoint", record.entrypoint);
  field("outcome", runtime::outcome_name(record.outcome));
  field("method", record.method);
  field("url", record.url);
  if (record.status != 0) number("status", record.status, 0);
  number("cpu_ms", milliseconds(record.cpu), 3);
  number("duration_ms", milliseconds(record.wall), 3);
  if (record.subrequests > 0) number("subrequests", record.subrequests, 0);
  field("exception", record.exception);
  end();
}

void HostLog::console(const runtime::ScriptIdentity& who, std::string_view version_id,
                      std::string_view request_id, runtime::ConsoleLevel console_level,
                      std::string_view text) {
  LogLevel level = level_of(console_level);
  if (!wanted(level)) return;
  begin(level, "console");
  identity(who, version_id, request_id);
  field("console", console_name(console_level));
  field("message", text);
  end();
}

void HostLog::exception(const runtime::ScriptIdentity& who, std::string_view version_id,
                        std::string_view request_id, std::string_view text) {
  if (!wanted(LogLevel::Error)) return;
  begin(LogLevel::Error, "exception");
  identity(who, version_id, request_id);
  field("message", text);
  end();
}

void HostLog::event(LogLevel level, std::string_view event, std::string_view request_id,
                    std::string_view message) {
  if (!wanted(level)) return;
  begin(level, event);
  field("request_id", request_id);
  field("message", message);
  end();
}

}  // namespace atoll::host
