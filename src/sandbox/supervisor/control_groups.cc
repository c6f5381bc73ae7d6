#include "sandbox/supervisor/control_groups.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "base/unique_fd.h"

namespace atoll::sandbox {
namespace {

constexpr const char* kMountedAt = "/sys/fs/cgroup";

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

Result<void> write_to(const std::string& path, const std::string& text) {
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return fail(errno_error("writing " + path, errno));
  }
  return {};
}

}  // namespace

Result<std::string> ControlGroups::own_folder() {
  std::istringstream lines(content_of("/proc/self/cgroup"));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("0::/")) continue;
    std::string folder = kMountedAt + line.substr(3);
    if (folder.ends_with('/')) folder.pop_back();
    bool usable = ::access((folder + "/cgroup.controllers").c_str(), R_OK) == 0 &&
                  ::access((folder + "/cgroup.subtree_control").c_str(), W_OK) == 0;
    if (usable) return folder;
  }
  return fail(not_found("there is no control group (v2) that this process may divide"));
}

Result<ControlGroups> ControlGroups::make(std::string folder, pid_t supervisor) {
  std::string controllers = " " + content_of(folder + "/cgroup.controllers");
  bool has_memory = controllers.find(" memory") != controllers.npos;
  bool has_cpu = controllers.find(" cpu ") != controllers.npos ||
                 controllers.find(" cpu\n") != controllers.npos;
  if (!has_memory && !has_cpu) {
    return fail(Error(ErrorKind::Denied, "the control group has neither memory nor cpu"));
  }
  if (supervisor != 0) {
    std::string own = folder + "/supervisor";
    if (::mkdir(own.c_str(), 0755) != 0 && errno != EEXIST) {
      return fail(errno_error("making " + own, errno));
    }
    TRY_VOID(write_to(own + "/cgroup.procs", std::to_string(supervisor)));
  }
  bool any = false;
  for (const char* controller : {"+memory", "+cpu", "+pids"}) {
    any = write_to(folder + "/cgroup.subtree_control", controller).has_value() || any;
  }
  if (!any) {
    if (supervisor != 0 && write_to(folder + "/cgroup.procs", std::to_string(supervisor))) {
      ::rmdir((folder + "/supervisor").c_str());
    }
    return fail(Error(ErrorKind::Denied, "other processes are in the control group " + folder));
  }
  return ControlGroups(std::move(folder));
}

Result<void> ControlGroups::put(const std::string& name, pid_t process, const Limits& limits) {
  std::string group = folder_ + "/" + name;
  if (::mkdir(group.c_str(), 0755) != 0 && errno != EEXIST) {
    return fail(errno_error("making " + group, errno));
  }
  (void)write_to(group + "/memory.max", std::to_string(limits.memory_bytes));
  (void)write_to(group + "/memory.oom.group", "1");
  (void)write_to(group + "/cpu.weight", std::to_string(limits.cpu_weight));
  (void)write_to(group + "/pids.max", std::to_string(limits.processes));
  return write_to(group + "/cgroup.procs", std::to_string(process));
}

void ControlGroups::remove(const std::string& name) { ::rmdir((folder_ + "/" + name).c_str()); }

}  // namespace atoll::sandbox
