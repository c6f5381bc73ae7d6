#include "sandbox/supervisor/child_process.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "sandbox/border/protocol.h"

namespace atoll::sandbox {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kStackBytes = 64u << 10;

// What the new process reads between clone and exec; it shares the parent's memory until then.
struct Launch {
  const char* executable;
  char* const* arguments;
  char* const* environment;
  int input;
  int output;
  int border;
  pid_t parent;
  // With a namespace for processes of its own the child sees no parent.
  bool sees_parent = true;
  const char* identity_map = nullptr;  // of user and group, in a user namespace
  const char* group_map = nullptr;
  int niceness = 0;
  int error = 0;  // written by the child
};

__attribute__((no_sanitize("address", "undefined"))) bool write_file(const char* path,
                                                                     const char* text) {
  int file = ::open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  std::size_t size = 0;
  while (text[size] != 0) ++size;
  bool written = ::write(file, text, size) == static_cast<ssize_t>(size);
  ::close(file);
  return written;
}

// In a user namespace made without rights a process may only be who it was.
__attribute__((no_sanitize("address", "undefined"))) bool keep_identity(const Launch& request) {
  return request.identity_map == nullptr ||
         (write_file("/proc/self/setgroups", "deny") &&
          write_file("/proc/self/uid_map", request.identity_map) &&
          write_file("/proc/self/gid_map", request.group_map));
}

// When memory runs out, the kernel should take a host rather than the supervisor.
__attribute__((no_sanitize("address", "undefined"))) void volunteer_for_oom() {
  (void)write_file("/proc/self/oom_score_adj", "500");
}

// Runs on borrowed memory while the parent's thread waits: only system calls, no allocation.
__attribute__((no_sanitize("address", "undefined"))) int launch(void* argument) {
  auto* request = static_cast<Launch*>(argument);
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  bool ready = ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
               (!request->sees_parent || ::getppid() == request->parent) &&
               keep_identity(*request) && ::setsid() >= 0 && ::dup2(request->input, 0) == 0 &&
               ::dup2(request->output, 1) == 1 && ::dup2(request->output, 2) == 2 &&
               ::dup2(request->border, border::kBorderDescriptor) == border::kBorderDescriptor &&
               ::syscall(SYS_close_range, border::kBorderDescriptor + 1, ~0u, 0) == 0;
  if (ready) {
    if (request->niceness != 0) ::setpriority(PRIO_PROCESS, 0, request->niceness);
    volunteer_for_oom();
    ::execve(request->executable, request->arguments, request->environment);
  }
  request->error = errno != 0 ? errno : ESRCH;
  ::_exit(127);
}

pid_t clone_child(Launch& request, void* stack, int more_flags, int& pid_descriptor) {
  return ::clone(launch, static_cast<char*>(stack) + kStackBytes,
                 CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD | more_flags, &request,
                 &pid_descriptor);
}

// Root just does it; others need a user namespace around, where that is permitted.
pid_t clone_isolated(Launch& request, void* stack, int& pid_descriptor) {
  request.sees_parent = false;
  pid_t pid = clone_child(request, stack, CLONE_NEWPID, pid_descriptor);
  if (pid >= 0 || errno != EPERM) return pid;
  std::string user = std::to_string(::geteuid());
  std::string group = std::to_string(::getegid());
  std::string users = user + " " + user + " 1";
  std::string groups = group + " " + group + " 1";
  request.identity_map = users.c_str();
  request.group_map = groups.c_str();
  // The child has read both when clone returns.
  return clone_child(request, stack, CLONE_NEWUSER | CLONE_NEWPID, pid_descriptor);
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// Above every number that the child assigns, so that no dup2 there overwrites a source.
UniqueFd moved_up(int descriptor) { return UniqueFd(::fcntl(descriptor, F_DUPFD_CLOEXEC, 10)); }

std::string describe(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return "exit code " + std::to_string(info.si_status);
  return "signal " + std::to_string(info.si_status) + " (" + ::strsignal(info.si_status) + ")";
}

}  // namespace

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(asio::io_context& loop,
                                                          const Command& command) {
  std::vector<char*> arguments = pointers_to(command.arguments);
  std::vector<char*> environment = pointers_to(command.environment);
  UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  UniqueFd input = moved_up(nothing.get());
  UniqueFd output = moved_up(command.output);
  UniqueFd border = moved_up(command.border);
  if (!input || !output || !border) return fail(errno_error("preparing a child's files", errno));

  Launch request{command.executable.c_str(),
                 arguments.data(),
                 environment.data(),
                 input.get(),
                 output.get(),
                 border.get(),
                 ::getpid()};
  request.niceness = command.niceness;
  void* stack = ::mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return fail(errno_error("preparing a child's stack", errno));
  // No signal handler of ours may run in the child.
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  int pid_descriptor = -1;
  pid_t pid = -1;
  bool own_processes = false;
  if (command.isolation == Isolation::OwnProcesses) {
    pid = clone_isolated(request, stack, pid_descriptor);
    own_processes = pid >= 0 && request.error == 0;
    if (pid >= 0 && !own_processes) ::waitpid(pid, nullptr, 0);
  }
  if (!own_processes) {
    UniqueFd closes(std::exchange(pid_descriptor, -1));
    request.sees_parent = true;
    request.identity_map = nullptr;
    request.error = 0;
    pid = clone_child(request, stack, 0, pid_descriptor);
  }
  int error = pid < 0 ? errno : request.error;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::munmap(stack, kStackBytes);
  if (pid >= 0 && error == 0) {
    std::unique_ptr<ChildProcess> child(new ChildProcess(loop, pid, UniqueFd(pid_descriptor)));
    child->own_processes_ = own_processes;
    return child;
  }
  if (pid >= 0) {
    UniqueFd closes(pid_descriptor);
    ::waitpid(pid, nullptr, 0);
  }
  Error failure = errno_error("starting " + command.executable, error);
  return fail(error == ENOENT ? not_found(failure.message()) : std::move(failure));
}

ChildProcess::ChildProcess(asio::io_context& loop, pid_t pid, UniqueFd pid_descriptor)
    : pid_(pid), exited_(loop, pid_descriptor.release()) {}

ChildProcess::~ChildProcess() {
  *alive_ = false;
  if (!running_) return;
  kill();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ChildProcess::kill() {
  if (running_) ::syscall(SYS_pidfd_send_signal, exited_.native_handle(), SIGKILL, nullptr, 0);
}

void ChildProcess::on_exit(ExitDone done) {
  done_ = std::move(done);
  exited_.async_wait(asio::posix::stream_descriptor::wait_read,
                     [this, alive = alive_](boost::system::error_code error) {
                       if (!*alive || error) return;
                       siginfo_t info{};
                       ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED);
                       running_ = false;
                       auto done = std::move(done_);
                       done(describe(info));
                     });
}

}  // namespace atoll::sandbox
