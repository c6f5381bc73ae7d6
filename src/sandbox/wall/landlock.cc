#include "sandbox/wall/landlock.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "base/unique_fd.h"

namespace atoll::wall {
namespace {

// As in the kernel's interface; Debian's header knows the first members only.
struct RulesetAttributes {
  std::uint64_t handled_access_fs;
  std::uint64_t handled_access_net;
  std::uint64_t scoped;
};

constexpr int kCreateRuleset = 444;
constexpr int kRestrictSelf = 446;
constexpr unsigned kAskVersion = 1;

// Every version added rights at the end.
std::uint64_t all_file_rights(int version) {
  unsigned rights = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13;
  return (std::uint64_t{1} << rights) - 1;
}

}  // namespace

int landlock_version() {
  long version = ::syscall(kCreateRuleset, nullptr, 0, kAskVersion);
  return version > 0 ? static_cast<int>(version) : 0;
}

Result<void> restrict_files_and_network() {
  int version = landlock_version();
  if (version == 0) return fail(errno_error("asking for Landlock", errno));
  RulesetAttributes all{all_file_rights(version), 0, 0};
  std::size_t size = sizeof all.handled_access_fs;
  if (version >= 4) {
    all.handled_access_net = 3;  // bind and connect TCP
    size += sizeof all.handled_access_net;
  }
  if (version >= 6) {
    all.scoped = 3;  // abstract Unix sockets and signals
    size += sizeof all.scoped;
  }
  UniqueFd rules(static_cast<int>(::syscall(kCreateRuleset, &all, size, 0)));
  if (!rules) return fail(errno_error("making a Landlock rule set", errno));
  if (::syscall(kRestrictSelf, rules.get(), 0) != 0) {
    return fail(errno_error("restricting by Landlock", errno));
  }
  return {};
}

}  // namespace atoll::wall
