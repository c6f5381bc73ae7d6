#include "apps/isolate_host/start_up.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <string>

#include "apps/isolate_host/natives.h"
#include "sandbox/border/protocol.h"
#include "sandbox/wall/lock_down.h"

namespace atoll::host {
namespace {

std::string snapshot_beside_executable() {
  char path[4096];
  ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  std::string executable(path, size > 0 ? static_cast<std::size_t>(size) : 0);
  return executable.substr(0, executable.rfind('/') + 1) + "builtins.snapshot";
}

}  // namespace

Result<StartedUp> start_up(Sandbox sandbox) {
  std::string path = snapshot_beside_executable();
  UniqueFd snapshot(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!snapshot) return fail(errno_error("opening " + path, errno));
  ::tzset();  // the C library looks for a file, once
  StartedUp started;
  if (sandbox == Sandbox::On) started.walls = TRY(wall::leave_the_machine());
  // Threads that V8 starts later inherit what was given up and the filter of system calls.
  started.engine = TRY(js::Engine::start(std::move(snapshot), path, all_natives()));
  if (sandbox == Sandbox::On) {
    started.walls.add(TRY(wall::lock_system_calls(border::kBorderDescriptor)));
  }
  return started;
}

}  // namespace atoll::host
