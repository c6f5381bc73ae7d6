// Reading a hundred megabytes takes a while; meanwhile the event loop serves the hosts. Large
// bodies are therefore worked on by a thread of their own.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <optional>

#include "async/offload.h"

namespace atoll::management {

class BigWork {
 public:
  static constexpr std::size_t kSmallBytes = 256 * 1024;

  // What `work` returns; done at once when it is about few bytes. What it refers to must live until
  // the task is done, or until join().
  template <typename Work>
  Task<std::invoke_result_t<Work&>> run(std::size_t bytes, Work work) {
    if (bytes <= kSmallBytes) co_return work();
    if (!pool_) pool_.emplace(1);
    co_return co_await offload(pool_->get_executor(), std::move(work));
  }

  // Waits for what is being worked on. Nothing may be started afterwards.
  void join() {
    if (pool_) pool_->join();
  }

 private:
  std::optional<asio::thread_pool> pool_;
};

}  // namespace atoll::management
