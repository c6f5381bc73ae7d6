#include "sandbox/wall/system_calls.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif

namespace atoll::wall {
namespace {

// An `int` argument: the kernel ignores its upper half.
constexpr ArgumentTest is(unsigned argument, std::uint32_t value) {
  return {argument, 0xFFFFFFFF, value};
}
constexpr ArgumentTest lacks(unsigned argument, std::uint32_t bits) { return {argument, bits, 0}; }
constexpr ArgumentTest has(unsigned argument, std::uint32_t bits) { return {argument, bits, bits}; }
constexpr ArgumentTest is_null(unsigned argument) { return {argument, ~std::uint64_t{0}, 0}; }

// What pthread_create asks for. Anything else makes processes or namespaces.
constexpr std::uint64_t kThreadFlags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                                       CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |
                                       CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;

// MSG_FASTOPEN with an address connects a socket whose connection has ended, and no other wall sees
// it.
constexpr ArgumentTest sends_plainly(unsigned flags) { return lacks(flags, MSG_FASTOPEN); }

// Frequent calls that test arguments. The others are decided by a bitmap in the kernel.
std::vector<Rule> traffic() {
  return {
      {SYS_sendto, Verdict::Allow, {sends_plainly(3), is_null(4)}},
      {SYS_sendmsg, Verdict::Allow, {sends_plainly(2)}},
  };
}

std::vector<Rule> without_tests() {
  std::vector<Rule> rules;
  for (int call : {
           // Descriptors at hand: the border, connections, the outputs.
           SYS_read,
           SYS_write,
           SYS_readv,
           SYS_writev,
           SYS_recvfrom,
           SYS_recvmsg,
           SYS_accept4,
           SYS_shutdown,
           SYS_close,
           SYS_getsockname,
           SYS_getpeername,
           SYS_getsockopt,
           SYS_lseek,
           // The event loop.
           SYS_epoll_wait,
           SYS_epoll_pwait,
           SYS_epoll_ctl,
           SYS_epoll_create1,
           SYS_eventfd2,
           SYS_timerfd_create,
           SYS_timerfd_settime,
           SYS_poll,
           SYS_ppoll,
           // Time.
           SYS_clock_gettime,
           SYS_clock_getres,
           SYS_gettimeofday,
           SYS_clock_nanosleep,
           SYS_nanosleep,
           // Memory: V8 makes and frees it all the time; executable memory is its trade.
           SYS_mprotect,
           SYS_munmap,
           SYS_mremap,
           SYS_madvise,
           SYS_brk,
           SYS_pkey_mprotect,
           SYS_pkey_alloc,
           SYS_pkey_free,
           // Threads among themselves.
           SYS_futex,
           SYS_sched_yield,
           SYS_sched_getaffinity,
           SYS_sched_getparam,
           SYS_sched_getscheduler,
           SYS_set_robust_list,
           SYS_rseq,
           SYS_gettid,
           SYS_getpid,
           SYS_membarrier,
           SYS_exit,
           SYS_exit_group,
           // Signals that it handles itself.
           SYS_rt_sigaction,
           SYS_rt_sigprocmask,
           SYS_rt_sigreturn,
           SYS_sigaltstack,
           SYS_restart_syscall,
           SYS_getrandom,
           SYS_getrusage,
       }) {
    rules.push_back({call});
  }
  return rules;
}

std::vector<Rule> with_tests(int self) {
  auto own = static_cast<std::uint32_t>(self);
  return {
      // Memory of its own, executable or not; files (a script's code, the status page) never so.
      {SYS_mmap, Verdict::Allow, {has(3, MAP_ANONYMOUS)}},
      {SYS_mmap, Verdict::Allow, {lacks(2, PROT_EXEC)}},
      {SYS_clone, Verdict::Allow, {{0, ~std::uint64_t{0}, kThreadFlags}}},
      // Its arguments lie in memory, out of sight. The C library then asks clone.
      {SYS_clone3, Verdict::Absent},
      // abort(), and stopping a thread that does not stop.
      {SYS_tgkill, Verdict::Allow, {is(0, own)}},
      {SYS_fcntl, Verdict::Allow, {is(1, F_GETFL)}},
      {SYS_fcntl, Verdict::Allow, {is(1, F_SETFL), lacks(2, O_ASYNC)}},
      {SYS_fcntl, Verdict::Allow, {is(1, F_GETFD)}},
      {SYS_fcntl, Verdict::Allow, {is(1, F_SETFD)}},
      {SYS_ioctl, Verdict::Allow, {is(1, FIONBIO)}},
      {SYS_ioctl, Verdict::Allow, {is(1, FIONREAD)}},
      {SYS_setsockopt, Verdict::Allow, {is(1, IPPROTO_TCP), is(2, TCP_NODELAY)}},
      {SYS_setsockopt, Verdict::Allow, {is(1, SOL_SOCKET), is(2, SO_KEEPALIVE)}},
      {SYS_setsockopt, Verdict::Allow, {is(1, SOL_SOCKET), is(2, SO_LINGER)}},
      // Names of threads and of memory, for those who look from outside.
      {SYS_prctl, Verdict::Allow, {is(0, PR_SET_NAME)}},
      {SYS_prctl, Verdict::Allow, {is(0, PR_SET_VMA)}},
      // Reading the own limits; the stack's is asked for by each new thread.
      {SYS_prlimit64, Verdict::Allow, {is(0, 0), is_null(2)}},
  };
}

// Nothing in a host ever makes these calls, and each is a step out of the process. Where one is
// seen, the process is not ours any more, and its end is what brings it to the log.
std::vector<Rule> treason() {
  std::vector<Rule> rules;
  for (int call : {
           SYS_execve,
           SYS_execveat,
           SYS_fork,
           SYS_vfork,
           SYS_ptrace,
           SYS_process_vm_readv,
           SYS_process_vm_writev,
           SYS_kcmp,
           SYS_pidfd_open,
           SYS_pidfd_getfd,
           SYS_pidfd_send_signal,
           SYS_process_madvise,
           SYS_bpf,
           SYS_perf_event_open,
           SYS_userfaultfd,
           SYS_io_uring_setup,
           SYS_io_uring_enter,
           SYS_io_uring_register,
           SYS_open_by_handle_at,
           SYS_name_to_handle_at,
           SYS_mount,
           SYS_umount2,
           SYS_pivot_root,
           SYS_chroot,
           SYS_move_mount,
           SYS_open_tree,
           SYS_fsopen,
           SYS_fsmount,
           SYS_fspick,
           SYS_mount_setattr,
           SYS_unshare,
           SYS_setns,
           SYS_init_module,
           SYS_finit_module,
           SYS_delete_module,
           SYS_kexec_load,
           SYS_kexec_file_load,
           SYS_reboot,
           SYS_swapon,
           SYS_swapoff,
           SYS_add_key,
           SYS_request_key,
           SYS_keyctl,
           SYS_personality,
           SYS_modify_ldt,
           SYS_iopl,
           SYS_ioperm,
           SYS_seccomp,
       }) {
    rules.push_back({call, Verdict::Kill});
  }
  return rules;
}

}  // namespace

std::vector<Rule> host_system_calls(int self) {
  std::vector<Rule> rules = traffic();
  for (auto&& more : {with_tests(self), without_tests(), treason()}) {
    rules.insert(rules.end(), more.begin(), more.end());
  }
  return rules;
}

}  // namespace atoll::wall
