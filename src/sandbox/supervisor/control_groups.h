// Control groups (cgroup v2) for the hosts, where the supervisor may make some: under systemd that
// is a service with Delegate=yes. They bound memory, processes and, between lanes, CPU time from
// outside of the hosts. Without them the hosts' own limits hold.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/result.h"

namespace atoll::sandbox {

class ControlGroups {
 public:
  // The folder of this process' own group; NotFound when there is no cgroup v2 or it is read-only.
  static Result<std::string> own_folder();

  // Makes groups below `folder`. The supervisor itself moves into one, since a group that has
  // children with limits may hold no process; `supervisor` 0 leaves everybody where they are.
  // Denied when the controllers are not there to be used. Moving takes some milliseconds.
  static Result<ControlGroups> make(std::string folder, pid_t supervisor);

  struct Limits {
    std::uint64_t memory_bytes = 0;
    std::uint32_t cpu_weight = 100;  // 1 to 10,000; of others' 100
    std::uint32_t processes = 64;    // and threads
  };
  // Best effort: what the kernel does not take is left out. The group's name is the host's.
  Result<void> put(const std::string& name, pid_t process, const Limits& limits);
  // Once its process has ended.
  void remove(const std::string& name);

  const std::string& folder() const { return folder_; }

 private:
  explicit ControlGroups(std::string folder) : folder_(std::move(folder)) {}

  std::string folder_;
};

}  // namespace atoll::sandbox
