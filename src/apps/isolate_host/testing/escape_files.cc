#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "apps/isolate_host/testing/escape.h"

namespace atoll::host {
namespace {

template <typename... Arguments>
long ask(long call, Arguments... arguments) {
  long result = ::syscall(call, arguments...);
  return result < 0 ? -errno : result;
}

}  // namespace

std::vector<Attempt> file_attempts() {
  std::vector<Attempt> all;
  for (const char* path : {"/",
                           ".",
                           "..",
                           "/etc/passwd",
                           "/etc/shadow",
                           "/etc/hosts",
                           "/etc/resolv.conf",
                           "/root",
                           "/proc",
                           "/proc/self/mem",
                           "/proc/self/maps",
                           "/proc/self/environ",
                           "/proc/self/exe",
                           "/proc/self/root",
                           "/proc/self/cwd/..",
                           "/proc/self/fd/3",
                           "/proc/self/ns/net",
                           "/proc/1/mem",
                           "/proc/1/environ",
                           "/proc/thread-self/mem",
                           "/proc/kcore",
                           "/proc/kallsyms",
                           "/proc/sysrq-trigger",
                           "/proc/sys/kernel/core_pattern",
                           "/sys/kernel",
                           "/sys/fs/cgroup",
                           "/dev/mem",
                           "/dev/null",
                           "/dev/urandom",
                           "/dev/shm",
                           "/dev/kvm",
                           "/dev/fuse",
                           "/dev/net/tun",
                           "/tmp",
                           "/var/run/docker.sock",
                           "/lib/x86_64-linux-gnu/libc.so.6"}) {
    for (int flags : {O_RDONLY, O_WRONLY, O_RDWR, O_PATH}) {
      all.push_back({"open " + std::string(path) + " flags " + std::to_string(flags),
                     [=] { return ask(SYS_open, path, flags, 0); }});
    }
    all.push_back({"openat " + std::string(path),
                   [=] { return ask(SYS_openat, AT_FDCWD, path, O_RDONLY, 0); }});
    all.push_back({"openat2 " + std::string(path), [=] {
                     open_how how{};
                     how.flags = O_PATH;
                     return ask(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
                   }});
    all.push_back({"stat " + std::string(path), [=] {
                     struct stat info;
                     return ask(SYS_newfstatat, AT_FDCWD, path, &info, 0);
                   }});
    all.push_back({"statx " + std::string(path), [=] {
                     struct statx info;
                     return ask(SYS_statx, AT_FDCWD, path, 0, STATX_ALL, &info);
                   }});
    all.push_back({"access " + std::string(path), [=] { return ask(SYS_access, path, F_OK); }});
    all.push_back({"faccessat2 " + std::string(path),
                   [=] { return ask(439, AT_FDCWD, path, F_OK, AT_EACCESS); }});
    all.push_back({"readlink " + std::string(path), [=] {
                     char text[256];
                     return ask(SYS_readlink, path, text, sizeof text);
                   }});
    all.push_back({"chdir " + std::string(path), [=] { return ask(SYS_chdir, path); }});
  }
  auto add = [&all](const char* name, std::function<long()> run) {
    all.push_back({name, std::move(run)});
  };
  add("creat", [] { return ask(SYS_creat, "/tmp/escape", 0600); });
  add("open O_CREAT", [] { return ask(SYS_open, "escape", O_CREAT | O_RDWR, 0600); });
  add("open O_TMPFILE", [] { return ask(SYS_open, "/", O_TMPFILE | O_RDWR, 0600); });
  add("mkdir", [] { return ask(SYS_mkdir, "/escape", 0700); });
  add("mknod a device", [] { return ask(SYS_mknod, "/escape", S_IFBLK | 0600, 0x0801); });
  add("symlink", [] { return ask(SYS_symlink, "/etc/passwd", "/escape"); });
  add("link a descriptor", [] { return ask(SYS_linkat, 0, "", AT_FDCWD, "/e", AT_EMPTY_PATH); });
  add("rename", [] { return ask(SYS_rename, "/etc/passwd", "/etc/p"); });
  add("unlink", [] { return ask(SYS_unlink, "/etc/passwd"); });
  add("chmod", [] { return ask(SYS_chmod, "/etc/passwd", 0666); });
  add("chown", [] { return ask(SYS_chown, "/etc/passwd", 0, 0); });
  add("truncate", [] { return ask(SYS_truncate, "/etc/passwd", 0); });
  add("fchdir to every descriptor", [] {
    long best = -EBADF;
    for (int fd = 0; fd < 64; ++fd) best = std::max(best, ask(SYS_fchdir, fd));
    return best;
  });
  add("list every descriptor as a folder", [] {
    char entries[512];
    long best = -EBADF;
    for (int fd = 0; fd < 64; ++fd) {
      best = std::max(best, ask(SYS_getdents64, fd, entries, sizeof entries));
    }
    return best;
  });
  add("openat below every descriptor", [] {
    long best = -EBADF;
    for (int fd = 0; fd < 64; ++fd) best = std::max(best, ask(SYS_openat, fd, "..", O_PATH, 0));
    return best;
  });
  add("seek in every descriptor above the outputs", [] {
    for (int fd = 3; fd < 1024; ++fd) {
      if (ask(SYS_lseek, fd, 0, SEEK_END) > 0) return 0L;  // a file is open
    }
    return -long{ESPIPE};
  });
  add("getcwd", [] {
    char path[256];
    return ask(SYS_getcwd, path, sizeof path);
  });
  add("memfd_create", [] { return ask(SYS_memfd_create, "escape", 0); });
  add("memfd_secret", [] { return ask(447, 0); });
  add("inotify_init1", [] { return ask(SYS_inotify_init1, 0); });
  add("fanotify_init", [] { return ask(SYS_fanotify_init, 0, 0); });
  add("map a descriptor executable", [] {
    long best = -EBADF;
    for (int fd = 0; fd < 16; ++fd) {
      best =
          std::max(best, ask(SYS_mmap, nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0));
    }
    return best;
  });
  add("sendfile", [] { return ask(SYS_sendfile, 3, 0, nullptr, 1); });
  add("splice", [] { return ask(SYS_splice, 0, nullptr, 3, nullptr, 1, 0); });
  add("pipe2", [] {
    int ends[2];
    return ask(SYS_pipe2, ends, 0);
  });
  add("dup2 over the border", [] { return ask(SYS_dup2, 2, 3); });
  add("quotactl", [] { return ask(SYS_quotactl, 0, "/", 0, nullptr); });
  add("statfs", [] {
    char info[256];
    return ask(SYS_statfs, "/", info);
  });
  add("getxattr", [] { return ask(SYS_getxattr, "/etc/passwd", "user.a", nullptr, 0); });
  add("utimensat", [] { return ask(SYS_utimensat, AT_FDCWD, "/etc/passwd", nullptr, 0); });
  add("file_getattr of a path", [] { return ask(468, AT_FDCWD, "/", nullptr, 0, 0); });
  return all;
}

}  // namespace atoll::host
