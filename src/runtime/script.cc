#include "runtime/script.h"

#include <sys/mman.h>
#include <unistd.h>

namespace atoll::runtime {

Result<std::shared_ptr<Mapping>> Mapping::of(UniqueFd descriptor) {
  // Not fstat(): the C library makes it a call that takes a path, which a host may not use.
  off_t end = ::lseek(descriptor.get(), 0, SEEK_END);
  if (end < 0) return fail(errno_error("reading a script", errno));
  auto size = static_cast<std::size_t>(end);
  if (size == 0) return std::shared_ptr<Mapping>(new Mapping({}));
  void* bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor.get(), 0);
  if (bytes == MAP_FAILED) return fail(errno_error("mapping a script", errno));
  return std::shared_ptr<Mapping>(new Mapping({static_cast<const char*>(bytes), size}));
}

Mapping::~Mapping() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace atoll::runtime
