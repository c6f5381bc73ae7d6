// The supervisor's way to the outside, as sessions see it; apps/ puts the egress gate behind it.
#pragma once

#include <cstdint>
#include <string>

#include "async/task.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "sandbox/border/protocol.h"
#include "scripts/scope.h"

namespace atoll::sandbox {

struct WayOutRequest {
  scripts::Scope scope;
  std::string script;
  std::string version_id;
  border::Connect wanted;
};

class WayOut {
 public:
  virtual ~WayOut() = default;

  struct Opened {
    std::uint64_t id = 0;  // for cut()
    UniqueFd socket;
    border::Connected connection;
  };
  // `owner` is the session's, never used again. Errors as for border::Connect.
  virtual Task<Result<Opened>> open(WayOutRequest request, std::uint64_t owner) = 0;
  // Ends a connection that the host did not get.
  virtual void cut(std::uint64_t id) = 0;
  // The host behind that session is gone, and its connections with it.
  virtual void release(std::uint64_t owner) = 0;
};

}  // namespace atoll::sandbox
