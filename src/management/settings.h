// How the management API presents the platform, and its limits.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "management/upload/upload_rules.h"
#include "scripts/records.h"

namespace atoll::management {

struct Settings {
  // Account-level scripts answer at <scheme>://<script>.<domain>[:port].
  std::string domain = "atoll.localhost";
  std::string public_scheme = "https";
  unsigned public_port = 0;  // 0: the scheme's own
  // Overrides the hostname above where the platform routes differently.
  std::function<std::string(const scripts::Account&, const std::string& script)> hostname_of;

  // Told of every refused request, for the log; `message` may name what clients must not see.
  struct Failure {
    std::string_view method;
    std::string_view path;
    unsigned status;
    unsigned code;
    std::string_view message;
  };
  std::function<void(const Failure&)> on_failure;

  UploadRules uploads;
  std::size_t max_connections = 1024;
  std::size_t max_buffered_bytes = 512 * 1024 * 1024;  // of all request bodies at one time
  std::size_t max_head_bytes = 128 * 1024;             // request line and fields
  std::chrono::seconds idle_timeout{75};
  std::chrono::seconds head_timeout{15};
  std::chrono::seconds body_timeout{300};
  std::chrono::seconds write_timeout{60};
};

}  // namespace atoll::management
