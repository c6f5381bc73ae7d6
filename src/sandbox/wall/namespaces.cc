#include "sandbox/wall/namespaces.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace atoll::wall {
namespace {

// In no password file, so that nothing else on the machine belongs to it.
constexpr uid_t kHostUser = 1'635'020'652;  // "atol"

constexpr int kNamespaces = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;

struct Capabilities {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3]{};

  bool read() { return ::syscall(SYS_capget, &header, data) == 0; }
  bool write() { return ::syscall(SYS_capset, &header, data) == 0; }
};

void raise_permitted() {
  Capabilities own;
  if (!own.read()) return;
  for (auto& word : own.data) word.effective = word.permitted;
  own.write();
}

bool become_host_user() {
  if (::geteuid() != 0) return false;
  ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
  bool changed = ::setgroups(0, nullptr) == 0 &&
                 ::setresgid(kHostUser, kHostUser, kHostUser) == 0 &&
                 ::setresuid(kHostUser, kHostUser, kHostUser) == 0;
  ::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
  if (!changed) return false;
  raise_permitted();
  return true;
}

// Over a folder that every system has; what it held is gone with the old root.
bool enter_empty_root() {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  bool mounted = false;
  for (const char* place : {"/proc", "/tmp", "/dev"}) {
    mounted = ::mount("none", place, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
                      "size=4k,nr_inodes=2,mode=555") == 0 &&
              ::chdir(place) == 0;
    if (mounted) break;
  }
  return mounted && ::syscall(SYS_pivot_root, ".", ".") == 0 && ::umount2(".", MNT_DETACH) == 0 &&
         ::mount(nullptr, "/", nullptr,
                 MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
                 nullptr) == 0 &&
         ::chdir("/") == 0;
}

}  // namespace

Layers leave_namespaces() {
  Layers reached;
  if (become_host_user()) reached.add(Layer::User);
  // With a user namespace the rights that the others need exist inside it only. Without one, root
  // still has them.
  bool all = ::unshare(CLONE_NEWUSER | kNamespaces) == 0;
  if (all) {
    reached.add(Layer::UserNamespace);
    all = true;
  } else {
    all = ::unshare(kNamespaces) == 0;
  }
  if (!all) return reached;
  reached.add(Layer::NetworkNamespace);
  reached.add(Layer::IpcNamespace);
  if (enter_empty_root()) reached.add(Layer::MountNamespace);
  return reached;
}

bool drop_capabilities() {
  for (int capability = 0; capability < 64; ++capability) {
    if (::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1) {
      ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
  }
  Capabilities none;
  if (!none.write()) return false;
  Capabilities left;
  if (!left.read()) return false;
  for (const auto& word : left.data) {
    if ((word.permitted | word.effective | word.inheritable) != 0) return false;
  }
  return true;
}

}  // namespace atoll::wall
