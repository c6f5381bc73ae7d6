// One event as one line: the only way a log line is made, in the supervisor and in the hosts.
//
//   {"time":"2026-01-02T03:04:05.678Z","level":"info","event":"invocation","script":"shop",…}
//   2026-01-02T03:04:05.678Z info  invocation script=shop …
//
//   std::string lines;
//   LogLine(format, LogLevel::Info, wall_now(), "invocation", lines).field("script", name);
//
// Any bytes may be given as text: control characters are escaped and broken UTF-8 replaced, so that
// one event is always one line.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "sandbox/border/log_settings.h"

namespace atoll::observability {

using border::LogFormat;
using border::LogLevel;

std::string_view log_level_name(LogLevel level);

class LogLine {
 public:
  // Appends to `out`, which outlives this; the line ends when this does.
  LogLine(LogFormat format, LogLevel level, WallTime time, std::string_view event,
          std::string& out);
  LogLine(const LogLine&) = delete;
  ~LogLine();

  LogLine& field(std::string_view name, std::string_view value);
  LogLine& field(std::string_view name, const char* value) {
    return field(name, std::string_view(value));
  }
  LogLine& field(std::string_view name, double value);
  template <std::integral T>
  LogLine& field(std::string_view name, T value) {
    begin(name);
    if constexpr (std::same_as<T, bool>) {
      out_ += value ? "true" : "false";
    } else {
      out_ += std::to_string(value);
    }
    return *this;
  }
  // In milliseconds, to the microsecond.
  LogLine& field(std::string_view name, std::chrono::nanoseconds time);
  // What formatted_fields() made for this format.
  LogLine& fields(std::string_view formatted) {
    out_ += formatted;
    return *this;
  }
  // `json` is one JSON value on one line.
  LogLine& json_field(std::string_view name, std::string_view json);

 private:
  void begin(std::string_view name);

  LogFormat format_;
  std::string& out_;
};

// Fields that stand in many lines, formatted once. Empty values are left out.
std::string formatted_fields(
    LogFormat format, std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string_view text, std::string& out);

}  // namespace atoll::observability
