// A page of memory that a host and its supervisor share, so that the supervisor knows who was
// running when a host hangs or dies. The host writes, without a system call; the supervisor reads,
// and believes none of it further than a handle it granted can be believed.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace atoll::border {

// With which status a host ends that could not stop a turn.
inline constexpr int kStuckStatus = 86;

enum class HostCondition : std::uint32_t {
  Well,
  Stuck,  // a turn did not end when it had to; the process answers whom it can and ends
};

struct StatusPage {
  static constexpr std::size_t kRequestIdBytes = 32;

  // Counts what runs: grows when a turn begins and when it ends.
  std::atomic<std::uint64_t> turns{0};
  // Handle of the script version whose code runs; 0: none.
  std::atomic<std::uint64_t> version{0};
  std::atomic<HostCondition> condition{HostCondition::Well};
  // Of the invocation that the turn belongs to; padded with zeros. Torn when read in between.
  char request_id[kRequestIdBytes] = {};

  // Host's thread only.
  void begin(std::uint64_t handle, std::string_view request);
  void end() {
    version.store(0, std::memory_order_relaxed);
    turns.store(turns.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  // Printable characters only, whatever is in there.
  std::string request() const;
};

// Written to where nobody looks: for processes that no supervisor watches.
StatusPage& unwatched_page();

// The supervisor's side. The file cannot be shrunk under its reader.
class SharedStatusPage {
 public:
  static Result<SharedStatusPage> make();

  const StatusPage& page() const { return *page_; }
  // For the host, once.
  UniqueFd take_descriptor() { return std::move(descriptor_); }

 private:
  SharedStatusPage(UniqueFd descriptor, StatusPage* page);

  struct Unmap {
    void operator()(StatusPage* page) const;
  };
  UniqueFd descriptor_;
  std::unique_ptr<StatusPage, Unmap> page_;
};

// The host's side; stays mapped for the life of the process.
Result<StatusPage*> map_status_page(UniqueFd descriptor);

}  // namespace atoll::border
