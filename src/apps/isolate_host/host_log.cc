#include "apps/isolate_host/host_log.h"

#include "base/time.h"
#include "observability/log_line.h"

namespace atoll::host {
namespace {

using border::LogLevel;
using observability::LogLine;

LogLevel level_of(runtime::ConsoleLevel level) {
  switch (level) {
    case runtime::ConsoleLevel::Debug:
      return LogLevel::Debug;
    case runtime::ConsoleLevel::Warn:
      return LogLevel::Warn;
    case runtime::ConsoleLevel::Error:
      return LogLevel::Error;
    default:
      return LogLevel::Info;
  }
}

std::string_view console_name(runtime::ConsoleLevel level) {
  constexpr std::string_view kNames[] = {"debug", "info", "log", "warn", "error"};
  return kNames[static_cast<int>(level)];
}

void optional_field(LogLine& line, std::string_view name, std::string_view value) {
  if (!value.empty()) line.field(name, value);
}

}  // namespace

std::string_view HostLog::origin(const runtime::ScriptIdentity& identity,
                                 std::string_view version_id) {
  Origin& origin = origins_[std::hash<std::string_view>()(version_id) % origins_.size()];
  if (origin.version_id != version_id || origin.script_name != identity.script_name ||
      origin.fields.empty()) {
    origin.version_id = version_id;
    origin.script_name = identity.script_name;
    origin.fields = observability::formatted_fields(settings_.format,
                                                    {{"account", identity.account_id},
                                                     {"namespace", identity.dispatch_namespace},
                                                     {"script", identity.script_name},
                                                     {"version", version_id}});
  }
  return origin.fields;
}

void HostLog::send() {
  link_.log(line_);
  line_.clear();
}

void HostLog::invocation(const runtime::InvocationRecord& record) {
  using runtime::Outcome;
  bool fine = record.outcome == Outcome::Ok || record.outcome == Outcome::Canceled;
  LogLevel level = fine ? LogLevel::Info : LogLevel::Error;
  if (!wanted(level)) return;
  {
    LogLine line(settings_.format, level, wall_now(), "invocation", line_);
    line.fields(origin(record.identity, record.version_id)).field("request_id", record.request_id);
    optional_field(line, "entrypoint", record.entrypoint);
    line.field("outcome", runtime::outcome_name(record.outcome));
    if (record.rpc_method.empty()) {
      line.field("method", record.method).field("url", record.url);
    } else {
      line.field("rpc_method", record.rpc_method);
    }
    if (record.status != 0) line.field("status", record.status);
    line.field("cpu_ms", record.cpu).field("duration_ms", record.wall);
    if (record.subrequests > 0) line.field("subrequests", record.subrequests);
    optional_field(line, "exception", record.exception);
  }
  send();
}

void HostLog::console(const runtime::ScriptIdentity& identity, std::string_view version_id,
                      std::string_view request_id, runtime::ConsoleLevel console_level,
                      std::string_view text) {
  LogLevel level = level_of(console_level);
  if (!wanted(level)) return;
  {
    LogLine line(settings_.format, level, wall_now(), "console", line_);
    line.fields(origin(identity, version_id));
    optional_field(line, "request_id", request_id);
    line.field("console", console_name(console_level)).field("message", text);
  }
  send();
}

void HostLog::exception(const runtime::ScriptIdentity& identity, std::string_view version_id,
                        std::string_view request_id, std::string_view text) {
  if (!wanted(LogLevel::Error)) return;
  {
    LogLine line(settings_.format, LogLevel::Error, wall_now(), "exception", line_);
    line.fields(origin(identity, version_id));
    optional_field(line, "request_id", request_id);
    line.field("message", text);
  }
  send();
}

void HostLog::refused(const runtime::ScriptIdentity& identity, std::string_view version_id,
                      std::string_view limit, std::uint32_t value, std::uint64_t count) {
  if (!wanted(LogLevel::Warn)) return;
  {
    LogLine line(settings_.format, LogLevel::Warn, wall_now(), "limit_reached", line_);
    line.fields(origin(identity, version_id));
    line.field("limit", limit).field("value", value).field("refused", count);
  }
  send();
}

void HostLog::event(LogLevel level, std::string_view event, std::string_view request_id,
                    std::string_view message) {
  if (!wanted(level)) return;
  {
    LogLine line(settings_.format, level, wall_now(), event, line_);
    optional_field(line, "request_id", request_id);
    line.field("message", message);
  }
  send();
}

}  // namespace atoll::host
