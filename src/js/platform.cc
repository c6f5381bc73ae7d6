#include "js/platform.h"

#include <libplatform/libplatform.h>

#include <map>
#include <mutex>

#include "js/memory_account.h"

namespace atoll::js {
namespace {

double g_frozen_time = 0;  // host thread only
thread_local MemoryAccount* t_charged_account = nullptr;

// WebAssembly memories and resizable buffers reserve address space without access and commit it
// piece by piece with SetPermissions. Those reservations are remembered with their account; the
// pages of V8's own heap are made accessible at once and are bounded by the heap limit instead.
class AccountingPageAllocator final : public v8::PageAllocator {
 public:
  explicit AccountingPageAllocator(v8::PageAllocator* pages) : pages_(pages) {}

  size_t AllocatePageSize() override { return pages_->AllocatePageSize(); }
  size_t CommitPageSize() override { return pages_->CommitPageSize(); }
  void SetRandomMmapSeed(int64_t seed) override { pages_->SetRandomMmapSeed(seed); }
  void* GetRandomMmapAddr() override { return pages_->GetRandomMmapAddr(); }

  void* AllocatePages(void* hint, size_t length, size_t alignment, Permission permission) override {
    return remember(pages_->AllocatePages(hint, length, alignment, permission), length, permission);
  }

  bool FreePages(void* base, size_t length) override {
    {
      std::lock_guard lock(mutex_);
      auto found = reservations_.find(base);
      if (found != reservations_.end()) {
        found->second.account->release(found->second.committed);
        reservations_.erase(found);
      }
    }
    return pages_->FreePages(base, length);
  }

  bool ReleasePages(void* base, size_t length, size_t new_length) override {
    return pages_->ReleasePages(base, length, new_length);
  }

  bool SetPermissions(void* address, size_t length, Permission permission) override {
    if (permission == kReadWrite && !charge_commit(address, length)) return false;
    return pages_->SetPermissions(address, length, permission);
  }

  bool RecommitPages(void* address, size_t length, Permission permission) override {
    return pages_->RecommitPages(address, length, permission);
  }
  bool DiscardSystemPages(void* address, size_t size) override {
    return pages_->DiscardSystemPages(address, size);
  }
  bool DecommitPages(void* address, size_t size) override {
    return pages_->DecommitPages(address, size);
  }
  bool SealPages(void* address, size_t length) override {
    return pages_->SealPages(address, length);
  }
  void* AllocatePages(size_t length, size_t alignment, Permission permission,
                      AllocationHint hint) override {
    return remember(pages_->AllocatePages(length, alignment, permission, hint), length, permission);
  }
  bool ResizeAllocationAt(void* address, size_t old_length, size_t new_length,
                          Permission permission) override {
    return pages_->ResizeAllocationAt(address, old_length, new_length, permission);
  }
  bool ReserveForSharedMemoryMapping(void* address, size_t size) override {
    return pages_->ReserveForSharedMemoryMapping(address, size);
  }
  std::unique_ptr<SharedMemory> AllocateSharedPages(size_t length,
                                                    const void* original_address) override {
    return pages_->AllocateSharedPages(length, original_address);
  }
  bool CanAllocateSharedPages() override { return pages_->CanAllocateSharedPages(); }

  size_t charged_to(const MemoryAccount& account) {
    std::lock_guard lock(mutex_);
    size_t bytes = 0;
    for (const auto& [base, reservation] : reservations_) {
      if (reservation.account.get() == &account) bytes += reservation.committed;
    }
    return bytes;
  }

 private:
  struct Reservation {
    size_t length;
    size_t committed;
    // Compiled WebAssembly is shared by isolates and may outlive the one that paid for it.
    std::shared_ptr<MemoryAccount> account;
  };

  void* remember(void* base, size_t length, Permission permission) {
    if (base != nullptr && permission == kNoAccess && t_charged_account != nullptr) {
      std::lock_guard lock(mutex_);
      reservations_[base] = {length, 0, t_charged_account->shared_from_this()};
    }
    return base;
  }

  bool charge_commit(void* address, size_t length) {
    std::lock_guard lock(mutex_);
    auto after = reservations_.upper_bound(address);
    if (after == reservations_.begin()) return true;
    auto found = std::prev(after);
    Reservation& reservation = found->second;
    auto offset =
        static_cast<size_t>(static_cast<char*>(address) - static_cast<char*>(found->first));
    if (offset >= reservation.length) return true;
    // A grown memory is made accessible from its start, so what counts is the new high mark.
    size_t high_mark = offset + length;
    if (high_mark <= reservation.committed) return true;
    if (!reservation.account->charge(high_mark - reservation.committed)) return false;
    reservation.committed = high_mark;
    return true;
  }

  v8::PageAllocator* pages_;
  std::mutex mutex_;  // the collector frees pages on its own threads
  std::map<void*, Reservation> reservations_;
};

AccountingPageAllocator* g_pages = nullptr;  // of the process' one platform

class HostPlatform final : public v8::Platform {
 public:
  HostPlatform()
      : inner_(v8::platform::NewSingleThreadedDefaultPlatform()),
        pages_(inner_->GetPageAllocator()) {}

  double CurrentClockTimeMillis() override { return g_frozen_time; }

  v8::PageAllocator* GetPageAllocator() override { return &pages_; }
  v8::ThreadIsolatedAllocator* GetThreadIsolatedAllocator() override {
    return inner_->GetThreadIsolatedAllocator();
  }
  void OnCriticalMemoryPressure() override { inner_->OnCriticalMemoryPressure(); }
  int NumberOfWorkerThreads() override { return kWorkerThreads; }
  std::shared_ptr<v8::TaskRunner> GetForegroundTaskRunner(v8::Isolate* isolate,
                                                          v8::TaskPriority priority) override {
    return inner_->GetForegroundTaskRunner(isolate, priority);
  }
  bool IdleTasksEnabled(v8::Isolate* isolate) override { return inner_->IdleTasksEnabled(isolate); }
  std::unique_ptr<v8::ScopedBlockingCall> CreateBlockingScope(
      v8::BlockingType blocking_type) override {
    return inner_->CreateBlockingScope(blocking_type);
  }
  double MonotonicallyIncreasingTime() override { return inner_->MonotonicallyIncreasingTime(); }
  StackTracePrinter GetStackTracePrinter() override { return inner_->GetStackTracePrinter(); }
  v8::TracingController* GetTracingController() override { return inner_->GetTracingController(); }
  v8::HighAllocationThroughputObserver* GetHighAllocationThroughputObserver() override {
    return inner_->GetHighAllocationThroughputObserver();
  }

  v8::Platform* inner() { return inner_.get(); }
  AccountingPageAllocator& pages() { return pages_; }

 protected:
  std::unique_ptr<v8::JobHandle> CreateJobImpl(v8::TaskPriority priority,
                                               std::unique_ptr<v8::JobTask> job_task,
                                               const v8::SourceLocation& location) override {
    return workers().CreateJob(priority, std::move(job_task), location);
  }
  void PostTaskOnWorkerThreadImpl(v8::TaskPriority priority, std::unique_ptr<v8::Task> task,
                                  const v8::SourceLocation& location) override {
    workers().PostTaskOnWorkerThread(priority, std::move(task), location);
  }
  void PostDelayedTaskOnWorkerThreadImpl(v8::TaskPriority priority, std::unique_ptr<v8::Task> task,
                                         double delay_in_seconds,
                                         const v8::SourceLocation& location) override {
    workers().PostDelayedTaskOnWorkerThread(priority, std::move(task), delay_in_seconds, location);
  }

 private:
  static constexpr int kWorkerThreads = 1;

  // Its threads start with the first work for them (optimising code that is hot), so that a process
  // starts sooner.
  v8::Platform& workers() {
    std::call_once(workers_made_,
                   [this] { workers_ = v8::platform::NewDefaultPlatform(kWorkerThreads); });
    return *workers_;
  }

  std::unique_ptr<v8::Platform> inner_;  // the host thread's tasks
  AccountingPageAllocator pages_;
  std::once_flag workers_made_;
  std::unique_ptr<v8::Platform> workers_;
};

}  // namespace

void set_frozen_time(double milliseconds) { g_frozen_time = milliseconds; }
double frozen_time() { return g_frozen_time; }

void set_charged_account(MemoryAccount* account) { t_charged_account = account; }

std::shared_ptr<MemoryAccount> charged_account() {
  return t_charged_account == nullptr ? nullptr : t_charged_account->shared_from_this();
}

std::size_t reserved_bytes(const MemoryAccount& account) {
  return g_pages == nullptr ? 0 : g_pages->charged_to(account);
}

Platform make_platform() {
  auto platform = std::make_unique<HostPlatform>();
  g_pages = &platform->pages();
  v8::Platform* pump = platform->inner();
  return {std::move(platform), pump};
}

}  // namespace atoll::js
