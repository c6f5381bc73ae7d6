// What went wrong, as a value. Expected failures travel as Result<T>; see result.h.
#pragma once

#include <string>
#include <string_view>

namespace atoll {

// What the caller can do about a failure. Add a kind only when some caller must branch on it.
enum class ErrorKind {
  InvalidInput,  // the caller sent something malformed; retrying cannot help
  NotFound,
  Conflict,      // someone else changed it first; re-read, then retry
  LimitReached,  // a quota said no; the message names the quota
  Unavailable,   // a dependency is down; retry later
  Denied,        // identity or policy said no
  Internal,      // ours to fix: a corrupt file, a reply that makes no sense
};

std::string_view error_kind_name(ErrorKind kind);

class [[nodiscard]] Error {
 public:
  Error(ErrorKind kind, std::string message);

  ErrorKind kind() const { return kind_; }
  const std::string& message() const { return message_; }

  // Prefixes what was being attempted: "publishing script blog: key is longer than 512 bytes".
  Error&& while_doing(std::string_view attempt) &&;

 private:
  ErrorKind kind_;
  std::string message_;
};

Error invalid_input(std::string message);
Error not_found(std::string message);
Error internal_error(std::string message);
// Internal, with the text of `errno` appended: "opening meta.db: Permission denied".
Error errno_error(std::string_view attempt, int error_number);

}  // namespace atoll
