// Runs blocking work on another executor and comes back to the caller's.
#pragma once

#include <boost/asio/post.hpp>
#include <utility>

#include "async/task.h"

namespace atoll {

// `work` runs on `executor` (a thread pool that may block); the caller resumes on its own executor.
// `work` must not throw, and lives in the coroutine frame until it has run.
template <typename Work>
Task<std::invoke_result_t<Work&>> offload(asio::any_io_executor executor, Work work) {
  auto run = [](Work& blocking) -> Task<std::invoke_result_t<Work&>> { co_return blocking(); };
  co_return co_await asio::co_spawn(executor, run(work), asio::use_awaitable);
}

}  // namespace atoll
