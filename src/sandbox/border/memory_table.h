// Behind the status page, on the same page of shared memory: what the largest isolates of a host
// take up, for the supervisor to show. Written once a second by the host, without a system call;
// believed no further than handles it was granted.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <vector>

#include "sandbox/border/status_page.h"

namespace atoll::border {

struct IsolateMemory {
  std::uint64_t version = 0;  // a Handle
  std::uint64_t heap = 0;
  std::uint64_t external = 0;
  std::uint64_t wasm = 0;
};

class MemoryTable {
 public:
  static constexpr std::size_t kRows = 32;

  // Of a page that host and supervisor share; never of unwatched_page(), which is shorter.
  static MemoryTable& on(StatusPage& page) {
    return *reinterpret_cast<MemoryTable*>(reinterpret_cast<char*>(&page) + kOffset);
  }
  static const MemoryTable& on(const StatusPage& page) { return on(const_cast<StatusPage&>(page)); }

  // The host's thread only.
  void write(const std::vector<IsolateMemory>& rows) {
    std::size_t count = rows.size() < kRows ? rows.size() : kRows;
    count_.store(0, std::memory_order_release);
    for (std::size_t i = 0; i < count; ++i) {
      cells_[i].version.store(rows[i].version, std::memory_order_relaxed);
      cells_[i].heap.store(rows[i].heap, std::memory_order_relaxed);
      cells_[i].external.store(rows[i].external, std::memory_order_relaxed);
      cells_[i].wasm.store(rows[i].wasm, std::memory_order_relaxed);
    }
    count_.store(static_cast<std::uint32_t>(count), std::memory_order_release);
  }
  // Rows may be torn, or old, when the host writes meanwhile.
  std::vector<IsolateMemory> read() const {
    std::vector<IsolateMemory> rows;
    std::size_t count = count_.load(std::memory_order_acquire);
    for (std::size_t i = 0; i < count && i < kRows; ++i) {
      rows.push_back({cells_[i].version.load(std::memory_order_relaxed),
                      cells_[i].heap.load(std::memory_order_relaxed),
                      cells_[i].external.load(std::memory_order_relaxed),
                      cells_[i].wasm.load(std::memory_order_relaxed)});
    }
    return rows;
  }

 private:
  static constexpr std::size_t kOffset = 1024;
  struct Cell {
    std::atomic<std::uint64_t> version, heap, external, wasm;
  };
  std::atomic<std::uint32_t> count_;
  Cell cells_[kRows];
};
static_assert(sizeof(StatusPage) <= 1024 && 1024 + sizeof(MemoryTable) <= 4096, "one page");

}  // namespace atoll::border
