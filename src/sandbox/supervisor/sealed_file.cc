#include "sandbox/supervisor/sealed_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace atoll::sandbox {

Result<UniqueFd> make_sealed_file(std::string_view bytes) {
  UniqueFd file(::memfd_create("atoll", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return fail(errno_error("making a memory file", errno));
  while (!bytes.empty()) {
    ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(errno_error("filling a memory file", errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  constexpr int kAll = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  if (::fcntl(file.get(), F_ADD_SEALS, kAll) != 0) {
    return fail(errno_error("sealing a memory file", errno));
  }
  return file;
}

}  // namespace atoll::sandbox
