// Coroutines: home of Boost.Asio. A Task does nothing until awaited or spawned.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace atoll {

namespace asio = boost::asio;

template <typename T>
using Task = asio::awaitable<T>;

// Completion token for Asio calls: yields a tuple that starts with the error code, never throws.
inline constexpr auto kAwaitTuple = asio::as_tuple(asio::use_awaitable);

}  // namespace atoll
