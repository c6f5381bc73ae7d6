#include "sandbox/wall/lock_down.h"

#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "base/check.h"
#include "base/unique_fd.h"
#include "sandbox/wall/landlock.h"
#include "sandbox/wall/namespaces.h"
#include "sandbox/wall/system_calls.h"

namespace atoll::wall {
namespace {

constexpr rlim_t kMaxThreads = 64;  // where the count is the process' own

bool limit(__rlimit_resource what, rlim_t most) {
  rlimit value{most, most};
  return ::setrlimit(what, &value) == 0;
}

bool set_limits(bool own_user) {
  rlimit open_files{};
  bool set = limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_MEMLOCK, 0) &&
             limit(RLIMIT_MSGQUEUE, 0) && ::getrlimit(RLIMIT_NOFILE, &open_files) == 0 &&
             limit(RLIMIT_NOFILE, open_files.rlim_cur);
  if (own_user) set = set && limit(RLIMIT_NPROC, kMaxThreads);
  return set;
}

// The supervisor makes this one, when it starts a host.
Layers try_own_processes() {
  Layers reached;
  for (unsigned long flags : {0 | CLONE_NEWPID, CLONE_NEWUSER | CLONE_NEWPID}) {
    pid_t child = static_cast<pid_t>(::syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0));
    if (child == 0) ::_exit(0);
    if (child < 0) continue;
    ::waitpid(child, nullptr, 0);
    reached.add(Layer::PidNamespace);
    break;
  }
  return reached;
}

}  // namespace

Result<Layers> leave_the_machine() {
  Layers reached = leave_namespaces();
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return fail(errno_error("giving up new privileges", errno));
  }
  reached.add(Layer::NoNewPrivileges);
  if (drop_capabilities()) reached.add(Layer::Capabilities);
  if (set_limits(reached.has(Layer::UserNamespace))) reached.add(Layer::Limits);
  // Another process of this user may neither trace this one nor read its memory.
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  // A change of user has reset it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  TRY_VOID(restrict_files_and_network());
  reached.add(Layer::Landlock);
  return reached;
}

Result<Layers> lock_system_calls(int last_descriptor) {
  Layers reached;
  if (::syscall(SYS_close_range, last_descriptor + 1, ~0u, 0) == 0) {
    reached.add(Layer::Descriptors);
  }
  std::vector<Rule> rules = host_system_calls(::getpid());
  std::vector<sock_filter> program = assemble(rules);
  TRY_VOID(install(program));
  reached.add(Layer::Seccomp);
  return reached;
}

Result<void> check_required_layers() {
  if (landlock_version() == 0) {
    return fail(Error(ErrorKind::Unavailable, "the kernel has no Landlock, or it is switched off"));
  }
  std::uint32_t kill = SECCOMP_RET_KILL_PROCESS;
  if (::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &kill) != 0) {
    return fail(Error(ErrorKind::Unavailable, "the kernel has no seccomp filters"));
  }
  return {};
}

Layers try_all_layers() {
  Layers reached = try_own_processes();
  int ends[2];
  if (::pipe(ends) != 0) return reached;
  UniqueFd from(ends[0]);
  UniqueFd to(ends[1]);
  pid_t child = ::fork();
  if (child == 0) {
    std::uint32_t bits = 0;
    if (auto left = leave_the_machine()) {
      bits = left->bits();
      if (auto locked = lock_system_calls(to.get())) bits |= locked->bits();
    }
    (void)!::write(to.get(), &bits, sizeof bits);
    ::_exit(0);
  }
  to.reset();
  std::uint32_t bits = 0;
  if (child > 0) {
    if (::read(from.get(), &bits, sizeof bits) != sizeof bits) bits = 0;
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  reached.add(Layers(bits));
  return reached;
}

}  // namespace atoll::wall
