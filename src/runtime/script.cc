#include "runtime/script.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

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

Result<std::shared_ptr<Mapping>> Mapping::copy_of(std::string_view bytes) {
  if (bytes.empty()) return std::shared_ptr<Mapping>(new Mapping({}));
  // Not memfd_create(), which a host may not use.
  void* copy =
      ::mmap(nullptr, bytes.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED) return fail(errno_error("copying a script", errno));
  std::memcpy(copy, bytes.data(), bytes.size());
  std::shared_ptr<Mapping> mapping(new Mapping({static_cast<const char*>(copy), bytes.size()}));
  if (::mprotect(copy, bytes.size(), PROT_READ) != 0) {
    return fail(errno_error("copying a script", errno));
  }
  return mapping;
}

Mapping::~Mapping() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace atoll::runtime
