// A failure as API callers see it: status, numeric code, message. An Answer is a value or one.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "base/result.h"

namespace atoll::management {

struct ApiError {
  ApiError(unsigned status, unsigned code, std::string message)
      : status(status), code(code), message(std::move(message)) {}
  // Failures of lower rooms: the kind decides status and code. See error_body.cc.
  ApiError(Error error);  // NOLINT(google-explicit-constructor): lets TRY pass errors up

  unsigned status;
  unsigned code;
  std::string message;
  Json meta;  // null: left out
};

template <typename T>
using Answer = std::expected<T, ApiError>;

// Codes clients know; the registry of codes is documented in spec/management.openapi.yaml.
namespace codes {
inline constexpr unsigned kZoneTaken = 1061;
inline constexpr unsigned kMalformedCredentials = 6003;
inline constexpr unsigned kMethodNotAllowed = 7001;
inline constexpr unsigned kUnknownPath = 7003;
inline constexpr unsigned kAuthentication = 10000;
inline constexpr unsigned kScriptMissing = 10007;
inline constexpr unsigned kKvKeyMissing = 10009;
inline constexpr unsigned kKvNamespaceMissing = 10013;
inline constexpr unsigned kKvTitleTaken = 10014;
inline constexpr unsigned kBadScriptName = 10016;
inline constexpr unsigned kKvRefused = 10019;
inline constexpr unsigned kPatternTaken = 10020;
inline constexpr unsigned kBadPattern = 10022;
inline constexpr unsigned kRouteMissing = 10023;  // ours, like kDomainMissing
inline constexpr unsigned kDomainMissing = 10024;
inline constexpr unsigned kValidation = 10021;
inline constexpr unsigned kMalformedBody = 10026;
inline constexpr unsigned kTooLarge = 10027;
inline constexpr unsigned kSubdomainTaken = 10031;
inline constexpr unsigned kSubdomainFree = 10032;
inline constexpr unsigned kConcurrentChange = 10035;
inline constexpr unsigned kBindingWithoutName = 10052;
inline constexpr unsigned kVariableTooLarge = 10054;
inline constexpr unsigned kTooManyVariables = 10055;
inline constexpr unsigned kBindingMissing = 10056;
inline constexpr unsigned kInheritMissing = 10057;
inline constexpr unsigned kNoHandlers = 10068;
inline constexpr unsigned kZoneMissing = 10082;
inline constexpr unsigned kUserScriptMissing = 10092;
inline constexpr unsigned kNewestNotDeployed = 10215;
inline constexpr unsigned kSecretsChanged = 10220;
inline constexpr unsigned kVersionMissing = 10222;
inline constexpr unsigned kNamespaceTaken = 100118;
inline constexpr unsigned kNamespaceMissing = 100119;
inline constexpr unsigned kUnsupported = 100120;  // ours: a feature this server does not have
inline constexpr unsigned kEgressPolicyMissing = 100123;  // ours
inline constexpr unsigned kUnavailable = 100121;          // ours: try again
inline constexpr unsigned kInternal = 100122;             // ours: a bug or a damaged store
}  // namespace codes

// 400/10021: what upload validation refuses.
inline ApiError refused(std::string message) {
  return {400, codes::kValidation, std::move(message)};
}
// 400/10026: a body that cannot be read.
inline ApiError malformed(std::string message) {
  return {400, codes::kMalformedBody, std::move(message)};
}

}  // namespace atoll::management

namespace atoll {
// What TRY calls with the error of an Answer.
inline std::unexpected<management::ApiError> fail(management::ApiError error) {
  return std::unexpected<management::ApiError>(std::move(error));
}
}  // namespace atoll
