// How an invocation ended, in the words of trace events and logs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace atoll::runtime {

enum class Outcome : std::uint8_t {
  Ok,
  Exception,
  Canceled,
  ExceededCpu,
  ExceededMemory,
  ExceededWallTime,
  ResponseStreamDisconnected,
  ScriptNotFound,
  InternalError,
  LoadShed,  // not begun: its script or the host has enough to do
};

constexpr std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::Ok:
      return "ok";
    case Outcome::Exception:
      return "exception";
    case Outcome::Canceled:
      return "canceled";
    case Outcome::ExceededCpu:
      return "exceededCpu";
    case Outcome::ExceededMemory:
      return "exceededMemory";
    case Outcome::ExceededWallTime:
      return "exceededWallTime";
    case Outcome::ResponseStreamDisconnected:
      return "responseStreamDisconnected";
    case Outcome::ScriptNotFound:
      return "scriptNotFound";
    case Outcome::InternalError:
      return "internalError";
    case Outcome::LoadShed:
      return "loadShed";
  }
  return "unknown";
}

// Why there is no response. `name` and `message` are those of the JavaScript error that a calling
// Worker sees.
struct Failure {
  Outcome outcome = Outcome::Exception;
  std::string name = "Error";
  std::string message;
  std::string stack;
  bool hop_limit = false;  // the chain of Workers was too long: error page 1019
  // More of the error for a Worker that called it: an object in the wire form of structured clone.
  std::string details = {};
  // Not zero: a limit on how much runs was reached, and it may be tried again after so long.
  std::uint32_t retry_after_seconds = 0;
};

// How messages about such limits begin: the script's own, with the limit's name, and the host's.
inline constexpr std::string_view kLimitMessage = "Worker exceeded limits.";
inline constexpr std::string_view kOverloadMessage = "Worker was not begun: ";

}  // namespace atoll::runtime
