// Lines of the structured log, written by the host in the format the supervisor asked for and sent
// to it in batches.
#pragma once

#include <array>
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
  void refused(const runtime::ScriptIdentity& identity, std::string_view version_id,
               std::string_view limit, std::uint32_t value, std::uint64_t count) override;

  // The host's own events: a refused request, a failed load.
  void event(border::LogLevel level, std::string_view event, std::string_view request_id,
             std::string_view message);

 private:
  // The fields that say whose line it is, of the versions that were logged last.
  struct Origin {
    std::string version_id;
    std::string script_name;
    std::string fields;
  };

  bool wanted(border::LogLevel level) const { return level >= settings_.level; }
  std::string_view origin(const runtime::ScriptIdentity& identity, std::string_view version_id);
  void send();

  border::SupervisorLink& link_;
  border::LogSettings settings_;
  std::string line_;
  std::array<Origin, 64> origins_;  // by hash of the version id
};

}  // namespace atoll::host
