// Lanes: which hosts run which scripts. A host belongs to one lane for life, and the supervisor
// gives a script's code, bindings and secrets to hosts of the script's lane only.
//
//   default                whoever is nowhere else
//   busy                   user Workers that burn CPU time; hosts that yield to all others
//   group:<account>/<name> a trust group
//   quarantine:<key>       one script that ended a host, alone
//
// Hosts of other lanes than the default one are started when a script of theirs is first called,
// and end when they have been idle for a while.
#pragma once

#include <memory>
#include <string>

#include "async/task.h"
#include "base/unique_fd.h"
#include "sandbox/border/protocol.h"
#include "sandbox/supervisor/grants.h"

namespace atoll::sandbox {

inline constexpr const char* kBusyLane = "busy";
inline constexpr std::string_view kQuarantineLane = "quarantine:";
inline constexpr std::string_view kGroupLane = "group:";

class HostSession;

// How a host reaches a script of another lane.
struct LaneLink {
  std::uint64_t link = 0;
  border::Handle target = 0;
  UniqueFd socket;  // empty: the host has this link already
};

class LaneDoor {
 public:
  virtual ~LaneDoor() = default;
  // A link for `from` to a host of that lane, started if need be, that may call `script` on it.
  // Unavailable when there is no such host in time.
  virtual Task<Result<LaneLink>> open(std::shared_ptr<HostSession> from, std::string lane,
                                      LaneScriptGrant script) = 0;
};

}  // namespace atoll::sandbox
