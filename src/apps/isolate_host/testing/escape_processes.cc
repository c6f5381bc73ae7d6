#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "apps/isolate_host/testing/escape.h"

namespace atoll::host {
namespace {

template <typename... Arguments>
long ask(long call, Arguments... arguments) {
  long result = ::syscall(call, arguments...);
  return result < 0 ? -errno : result;
}

// A child, should there be one, must not go on with the test.
long ask_for_child(long call, unsigned long flags) {
  long result = ask(call, flags, 0, 0, 0, 0);
  if (result == 0) ::syscall(SYS_exit, 0);
  return result;
}

}  // namespace

std::vector<Attempt> process_attempts() {
  std::vector<Attempt> all;
  auto add = [&all](std::string name, std::function<long()> run) {
    all.push_back({std::move(name), std::move(run)});
  };
  add("clone a process", [] { return ask_for_child(SYS_clone, SIGCHLD); });
  add("clone sharing memory", [] { return ask_for_child(SYS_clone, CLONE_VM | SIGCHLD); });
  add("clone untraced", [] { return ask_for_child(SYS_clone, CLONE_UNTRACED | SIGCHLD); });
  add("clone3", [] {
    std::uint64_t arguments[11] = {};
    arguments[4] = SIGCHLD;
    return ask(SYS_clone3, arguments, sizeof arguments);
  });
  for (auto [name, flag] : {std::pair{"user", CLONE_NEWUSER},
                            {"mount", CLONE_NEWNS},
                            {"network", CLONE_NEWNET},
                            {"process", CLONE_NEWPID}}) {
    add("clone into a new " + std::string(name) + " namespace",
        [flag = flag] { return ask_for_child(SYS_clone, static_cast<unsigned>(flag) | SIGCHLD); });
  }
  for (int pid : {1, 2, 3, 10, 100, 1000}) {
    for (int number : {0, SIGTERM, SIGKILL, SIGSTOP, SIGUSR1}) {
      if (pid == ::getpid()) continue;
      add("kill " + std::to_string(pid) + " with " + std::to_string(number),
          [=] { return ask(SYS_kill, pid, number); });
    }
    add("tkill " + std::to_string(pid), [=] { return ask(SYS_tkill, pid, 0); });
    add("tgkill another process' thread " + std::to_string(pid),
        [=] { return ask(SYS_tgkill, pid + 1, pid + 1, 0); });
    add("queue a signal to " + std::to_string(pid), [=] {
      siginfo_t info{};
      info.si_code = SI_QUEUE;
      return ask(SYS_rt_sigqueueinfo, pid, SIGUSR1, &info);
    });
    add("setpriority " + std::to_string(pid),
        [=] { return ask(SYS_setpriority, PRIO_PROCESS, pid, 5); });
    add("sched_setaffinity " + std::to_string(pid), [=] {
      unsigned long mask = 1;
      return ask(SYS_sched_setaffinity, pid, sizeof mask, &mask);
    });
    add("prlimit of " + std::to_string(pid), [=] {
      rlimit limit{};
      return ask(SYS_prlimit64, pid == ::getpid() ? 9999 : pid, RLIMIT_NOFILE, nullptr, &limit);
    });
    add("migrate_pages of " + std::to_string(pid),
        [=] { return ask(SYS_migrate_pages, pid, 0, nullptr, nullptr); });
    add("get_robust_list of " + std::to_string(pid), [=] {
      void* head = nullptr;
      std::size_t size = 0;
      return ask(SYS_get_robust_list, pid, &head, &size);
    });
  }
  add("kill everything", [] { return ask(SYS_kill, -1, 0); });
  add("kill the group", [] { return ask(SYS_kill, 0, 0); });
  add("setsid", [] { return ask(SYS_setsid); });
  add("setpgid", [] { return ask(SYS_setpgid, 0, 0); });
  add("getppid", [] { return ask(SYS_getppid); });
  add("wait4", [] { return ask(SYS_wait4, -1, nullptr, 0, nullptr); });
  add("raise a limit", [] {
    rlimit limit{4096, 4096};
    return ask(SYS_prlimit64, 0, RLIMIT_CORE, &limit, nullptr);
  });
  add("become dumpable", [] { return ask(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0); });
  add("let anyone trace", [] { return ask(SYS_prctl, PR_SET_PTRACER, -1, 0, 0, 0); });
  add("keep capabilities", [] { return ask(SYS_prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0); });
  add("ambient capability", [] { return ask(SYS_prctl, PR_CAP_AMBIENT, 2, 21, 0, 0); });
  add("outlive the supervisor", [] { return ask(SYS_prctl, PR_SET_PDEATHSIG, 0, 0, 0, 0); });
  add("move the memory map", [] { return ask(SYS_prctl, PR_SET_MM, 1, 0, 0, 0); });
  add("seccomp by prctl", [] { return ask(SYS_prctl, PR_SET_SECCOMP, 1, 0, 0, 0); });
  add("setuid 0", [] { return ask(SYS_setuid, 0); });
  add("setresuid 0", [] { return ask(SYS_setresuid, 0, 0, 0); });
  add("setgid 0", [] { return ask(SYS_setgid, 0); });
  add("setgroups", [] { return ask(SYS_setgroups, 0, nullptr); });
  add("capset", [] {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2]{};
    data[0].effective = data[0].permitted = ~0u;
    return ask(SYS_capset, &header, data);
  });
  add("shmget", [] { return ask(SYS_shmget, IPC_PRIVATE, 4096, IPC_CREAT | 0600); });
  add("shmat", [] { return ask(SYS_shmat, 0, nullptr, 0); });
  add("semget", [] { return ask(SYS_semget, IPC_PRIVATE, 1, IPC_CREAT | 0600); });
  add("msgget", [] { return ask(SYS_msgget, IPC_PRIVATE, IPC_CREAT | 0600); });
  add("mq_open", [] { return ask(SYS_mq_open, "escape", 0100 | 2, 0600, nullptr); });
  return all;
}

std::vector<Attempt> kernel_attempts() {
  std::vector<Attempt> all;
  auto add = [&all](const char* name, std::function<long()> run) {
    all.push_back({name, std::move(run)});
  };
  add("clock_settime", [] {
    timespec time{};
    return ask(SYS_clock_settime, 0, &time);
  });
  add("adjtimex", [] {
    char state[512] = {};
    return ask(SYS_adjtimex, state);
  });
  add("timer_create", [] {
    int timer = 0;
    return ask(SYS_timer_create, 0, nullptr, &timer);
  });
  add("sethostname", [] { return ask(SYS_sethostname, "x", 1); });
  add("syslog", [] { return ask(SYS_syslog, 10, nullptr, 0); });
  add("acct", [] { return ask(SYS_acct, nullptr); });
  add("io_setup", [] {
    unsigned long context = 0;
    return ask(SYS_io_setup, 1, &context);
  });
  add("landlock_create_ruleset", [] { return ask(444, nullptr, 0, 1); });
  add("arch_prctl", [] { return ask(SYS_arch_prctl, 0x1011, 0); });
  add("mbind", [] { return ask(SYS_mbind, 0, 0, 0, nullptr, 0, 0); });
  add("remap_file_pages", [] { return ask(SYS_remap_file_pages, 0, 0, 0, 0, 0); });
  add("uselib", [] { return ask(SYS_uselib, "x"); });
  add("sysinfo", [] {
    char info[256];
    return ask(SYS_sysinfo, info);
  });
  add("uname", [] {
    char names[512];
    return ask(SYS_uname, names);
  });
  add("rseq of another size", [] { return ask(SYS_rseq, nullptr, 1, 0, 0); });
  add("futex_waitv", [] { return ask(449, nullptr, 0, 0, nullptr, 0); });
  add("a call that does not exist", [] { return ask(999); });
  return all;
}

std::vector<Attempt> treason_attempts() {
  std::vector<Attempt> all;
  auto add = [&all](const char* name, std::function<long()> run) {
    all.push_back({name, std::move(run)});
  };
  add("execve", [] {
    const char* arguments[] = {"sh", nullptr};
    return ask(SYS_execve, "/bin/sh", arguments, nullptr);
  });
  add("execveat", [] { return ask(SYS_execveat, 0, "", nullptr, nullptr, 0x1000); });
  add("fork", [] { return ask_for_child(SYS_fork, 0); });
  add("vfork", [] { return ask_for_child(SYS_vfork, 0); });
  add("ptrace", [] { return ask(SYS_ptrace, 16, ::getpid() - 1, 0, 0); });
  add("ptrace_traceme", [] { return ask(SYS_ptrace, 0, 0, 0, 0); });
  add("process_vm_readv", [] {
    char byte = 0;
    iovec here{&byte, 1};
    iovec there{&byte, 1};
    return ask(SYS_process_vm_readv, ::getpid(), &here, 1, &there, 1, 0);
  });
  add("process_vm_writev", [] { return ask(SYS_process_vm_writev, 1, nullptr, 0, nullptr, 0, 0); });
  add("pidfd_open", [] { return ask(SYS_pidfd_open, ::getpid(), 0); });
  add("pidfd_getfd", [] { return ask(SYS_pidfd_getfd, 3, 0, 0); });
  add("kcmp", [] { return ask(SYS_kcmp, 1, 1, 0, 0, 0); });
  add("bpf", [] { return ask(SYS_bpf, 0, nullptr, 0); });
  add("perf_event_open", [] { return ask(SYS_perf_event_open, nullptr, 0, -1, -1, 0); });
  add("userfaultfd", [] { return ask(SYS_userfaultfd, 1); });
  add("io_uring_setup", [] { return ask(SYS_io_uring_setup, 8, nullptr); });
  add("name_to_handle_at",
      [] { return ask(SYS_name_to_handle_at, -100, "/", nullptr, nullptr, 0); });
  add("open_by_handle_at", [] { return ask(SYS_open_by_handle_at, -100, nullptr, 0); });
  add("mount", [] { return ask(SYS_mount, "none", "/", "proc", 0, nullptr); });
  add("fsopen", [] { return ask(SYS_fsopen, "proc", 0); });
  add("open_tree", [] { return ask(SYS_open_tree, -100, "/", 1); });
  add("umount2", [] { return ask(SYS_umount2, "/", 2); });
  add("pivot_root", [] { return ask(SYS_pivot_root, ".", "."); });
  add("chroot", [] { return ask(SYS_chroot, "/"); });
  add("unshare", [] { return ask(SYS_unshare, CLONE_NEWUSER); });
  add("setns", [] { return ask(SYS_setns, 3, 0); });
  add("keyctl", [] { return ask(SYS_keyctl, 0, 0, 0); });
  add("personality", [] { return ask(SYS_personality, 0x0040000); });
  add("seccomp", [] { return ask(SYS_seccomp, 2, 0, nullptr); });
  add("init_module", [] { return ask(SYS_init_module, nullptr, 0, ""); });
  add("kexec_load", [] { return ask(SYS_kexec_load, 0, 0, nullptr, 0); });
  add("reboot", [] { return ask(SYS_reboot, 0, 0, 0, nullptr); });
  add("another_table", [] { return ask(0x40000000 | SYS_getpid); });
#if defined(__x86_64__)
  add("32_bit_call", [] {
    long result = 20;  // getpid there
    asm volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    return result;
  });
#endif
  return all;
}

}  // namespace atoll::host
