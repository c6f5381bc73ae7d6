// Lines of the structured log, written by the host in the format the supervisor asked for and sent
// to it in batches. One JSON object a line, or text for people.
#pragma once

#include <string>

#include "runtime/invocation_log.h"
#include "sandbox/border/supervisor_link.h"

namespace atoll::host {

class HostLog final : public runtime::InvocationLog {
 public:
  // `link` outlives this.
  explicit HostLog(border::SupervisorLink& link) : link_(link) {}
  void configure(border::LogSettings settings) { settings_ = settings; }

  void invocation(const runtime::InvocationRecord& record) override;
  void console(const runtime::ScriptIdentity& identity, std::string_view version_id,
               std::string_view request_id, runtime::ConsoleLevel level,
               std::string_view text) override;
  void exception(const runtime::ScriptIdentity& identity, std::string_view version_id,
                 std::string_view request_id, std::string_view text) override;

  // The host's own events: a refused request, a failed load.
  void event(border::LogLevel level, std::string_view event, std::string_view request_id,
             std::string_view message);

 private:
  bool wanted(border::LogLevel level) const { return level >= settings_.level; }
  void begin(border::LogLevel level, std::string_view event);
  void field(std::string_view name, std::string_view value);
  void number(std::string_view name, double value, int decimals);
  void identity(const runtime::ScriptIdentity& identity, std::string_view version_id,
                std::string_view request_id);
  void end();
  bool json() const { return settings_.format == border::LogFormat::Json; }

  border::SupervisorLink& link_;
  border::LogSettings settings_;
  std::string line_;
};

}  // namespace atoll::host
