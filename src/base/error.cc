#include "base/error.h"

#include <system_error>
#include <utility>

namespace atoll {

std::string_view error_kind_name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidInput:
      return "invalid input";
    case ErrorKind::NotFound:
      return "not found";
    case ErrorKind::Conflict:
      return "conflict";
    case ErrorKind::LimitReached:
      return "limit reached";
    case ErrorKind::Unavailable:
      return "unavailable";
    case ErrorKind::Denied:
      return "denied";
    case ErrorKind::Internal:
      return "internal";
  }
  return "internal";
}

Error::Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

Error&& Error::while_doing(std::string_view attempt) && {
  message_.insert(0, ": ").insert(0, attempt);
  return std::move(*this);
}

Error invalid_input(std::string message) {
  return Error(ErrorKind::InvalidInput, std::move(message));
}

Error not_found(std::string message) { return Error(ErrorKind::NotFound, std::move(message)); }

Error internal_error(std::string message) { return Error(ErrorKind::Internal, std::move(message)); }

Error errno_error(std::string_view attempt, int error_number) {
  return internal_error(std::string(attempt) + ": " +
                        std::generic_category().message(error_number));
}

}  // namespace atoll
