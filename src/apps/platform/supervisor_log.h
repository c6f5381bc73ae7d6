// The supervisor's own events and its hosts' lines, on one writer.
#pragma once

#include "observability/log_writer.h"
#include "sandbox/supervisor/event_log.h"

namespace atoll::platform {

class SupervisorLog final : public sandbox::EventLog {
 public:
  explicit SupervisorLog(observability::LogWriter& writer) : writer_(writer) {}

  void event(border::LogLevel level, std::string_view name, const Json& fields) override;
  void host_lines(std::string_view lines) override { writer_.write(lines); }

 private:
  observability::LogWriter& writer_;
};

}  // namespace atoll::platform
