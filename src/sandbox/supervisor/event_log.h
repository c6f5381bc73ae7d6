// Where the supervisor's side of the border reports to. apps/ connects it to the platform's log.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "sandbox/border/log_settings.h"

namespace atoll::sandbox {

using border::LogLevel;

class EventLog {
 public:
  virtual ~EventLog() = default;

  // `name` is one for programs to look for: host_ended.
  virtual void event(LogLevel level, std::string_view name, const Json& fields) = 0;
  // Lines a host has formatted already.
  virtual void host_lines(std::string_view lines) = 0;
};

}  // namespace atoll::sandbox
