// Awaits a function that takes a callback.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <utility>

#include "async/task.h"

namespace atoll::sandbox {

// `start` is called with a callback, which it has called once, now or later. When the callback is
// destroyed uncalled, the awaiting coroutine is destroyed too and never resumes.
template <typename T, typename Start>
Task<T> await_callback(Start start) {
  auto initiate = [](auto handler, Start begin) {
    auto executor = asio::get_associated_executor(handler);
    begin([executor, handler = std::move(handler)](T value) mutable {
      asio::post(executor, [handler = std::move(handler), value = std::move(value)]() mutable {
        std::move(handler)(std::move(value));
      });
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(T)>(
      initiate, asio::use_awaitable, std::move(start));
}

}  // namespace atoll::sandbox
