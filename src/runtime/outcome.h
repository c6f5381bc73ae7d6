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
};

}  // namespace atoll::runtime
