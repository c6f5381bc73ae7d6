#include "sandbox/border/status_page.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

namespace atoll::border {
namespace {

constexpr std::size_t kPageBytes = 4096;
static_assert(sizeof(StatusPage) <= 64, "one line of the cache");
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace

void StatusPage::begin(std::uint64_t handle, std::string_view request) {
  std::size_t size = std::min(request.size(), kRequestIdBytes);
  std::memcpy(request_id, request.data(), size);
  std::memset(request_id + size, 0, kRequestIdBytes - size);
  version.store(handle, std::memory_order_relaxed);
  turns.store(turns.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

std::string StatusPage::request() const {
  std::string text;
  for (char c : request_id) {
    bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-';
    if (!plain) break;
    text.push_back(c);
  }
  return text;
}

StatusPage& unwatched_page() {
  static StatusPage page;
  return page;
}

void SharedStatusPage::Unmap::operator()(StatusPage* page) const { ::munmap(page, kPageBytes); }

SharedStatusPage::SharedStatusPage(UniqueFd descriptor, StatusPage* page)
    : descriptor_(std::move(descriptor)), page_(page) {}

Result<SharedStatusPage> SharedStatusPage::make() {
  UniqueFd file(::memfd_create("atoll-status", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return fail(errno_error("making a status page", errno));
  if (::ftruncate(file.get(), kPageBytes) != 0 ||
      ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return fail(errno_error("making a status page", errno));
  }
  void* mapped = ::mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (mapped == MAP_FAILED) return fail(errno_error("mapping a status page", errno));
  return SharedStatusPage(std::move(file), ::new (mapped) StatusPage);
}

Result<StatusPage*> map_status_page(UniqueFd descriptor) {
  void* mapped =
      ::mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.get(), 0);
  if (mapped == MAP_FAILED) return fail(errno_error("mapping the status page", errno));
  return static_cast<StatusPage*>(mapped);
}

}  // namespace atoll::border
