// How log lines look and which are wanted; the supervisor tells its hosts.
#pragma once

#include <cstdint>
#include <tuple>

namespace atoll::border {

enum class LogLevel : std::uint8_t { Debug, Info, Warn, Error };
constexpr LogLevel greatest(LogLevel) { return LogLevel::Error; }

enum class LogFormat : std::uint8_t { Json, Text };  // one JSON object a line, or for people
constexpr LogFormat greatest(LogFormat) { return LogFormat::Text; }

struct LogSettings {
  LogLevel level = LogLevel::Info;
  LogFormat format = LogFormat::Json;
  auto fields(this auto&& self) { return std::tie(self.level, self.format); }
};

}  // namespace atoll::border
