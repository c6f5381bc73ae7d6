// What an invocation leaves behind: console lines, uncaught exceptions, its outcome.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/outcome.h"
#include "runtime/script.h"

namespace atoll::runtime {

enum class ConsoleLevel : std::uint8_t { Debug, Info, Log, Warn, Error };

// Everything known at the end of one invocation. Views last for the call.
struct InvocationRecord {
  const ScriptIdentity& identity;
  std::string_view version_id;
  std::string_view request_id;
  std::string_view entrypoint;  // empty: default
  std::string_view method;
  std::string_view url;
  std::string_view rpc_method;  // of a remote procedure call, which has no HTTP method and url
  Outcome outcome;
  int status;  // 0: no response
  std::chrono::nanoseconds cpu;
  std::chrono::nanoseconds wall;
  std::uint32_t subrequests;
  std::string_view exception;  // "Error: message", empty if none
};

class InvocationLog {
 public:
  virtual ~InvocationLog() = default;
  virtual void invocation(const InvocationRecord& record) = 0;
  virtual void console(const ScriptIdentity& identity, std::string_view version_id,
                       std::string_view request_id, ConsoleLevel level, std::string_view text) = 0;
  virtual void exception(const ScriptIdentity& identity, std::string_view version_id,
                         std::string_view request_id, std::string_view text) = 0;
  // Calls of that script that were not begun, for a limit of that name and value.
  virtual void refused(const ScriptIdentity& identity, std::string_view version_id,
                       std::string_view limit, std::uint32_t value, std::uint64_t count) {}
};

}  // namespace atoll::runtime
