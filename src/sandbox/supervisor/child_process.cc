#include "sandbox/supervisor/child_process.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

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
  int error = 0;  // written by the child
};

// When memory runs out, the kernel should take a host rather than the supervisor.
__attribute__((no_sanitize("address", "undefined"))) void volunteer_for_oom() {
  int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  (void)!::write(file, "500", 3);
  ::close(file);
}

// Runs on borrowed memory while the parent's thread waits: only system calls, no allocation.
__attribute__((no_sanitize("address", "undefined"))) int launch(void* argument) {
  auto* request = static_cast<Launch*>(argument);
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  bool ready = ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == request->parent &&
               ::setsid() >= 0 && ::dup2(request->input, 0) == 0 &&
               ::dup2(request->output, 1) == 1 && ::dup2(request->output, 2) == 2 &&
               ::dup2(request->border, border::kBorderDescriptor) == border::kBorderDescriptor &&
               ::syscall(SYS_close_range, border::kBorderDescriptor + 1, ~0u, 0) == 0;
  if (ready) {
    volunteer_for_oom();
    ::execve(request->executable, request->arguments, request->environment);
  }
  request->error = errno != 0 ? errno : ESRCH;
  ::_exit(127);
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
  void* stack = ::mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return fail(errno_error("preparing a child's stack", errno));
  // No signal handler of ours may run in the child.
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  int pid_descriptor = -1;
  pid_t pid = ::clone(launch, static_cast<char*>(stack) + kStackBytes,
                      CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &request, &pid_descriptor);
  int error = pid < 0 ? errno : request.error;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::munmap(stack, kStackBytes);
  if (pid >= 0 && error == 0) {
    return std::unique_ptr<ChildProcess>(new ChildProcess(loop, pid, UniqueFd(pid_descriptor)));
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
