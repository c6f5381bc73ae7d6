// Result<T>: a value or an Error. TRY(...) passes a failure up.
#pragma once

#include <expected>
#include <utility>

#include "base/error.h"

namespace atoll {

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Error error) { return std::unexpected<Error>(std::move(error)); }

}  // namespace atoll

// Evaluates a Result; on failure returns it from the enclosing function, otherwise yields the
// value. In a coroutine use CO_TRY.
#define TRY(...)                                                            \
  ({                                                                        \
    auto&& try_result_ = (__VA_ARGS__);                                     \
    if (!try_result_) return ::atoll::fail(std::move(try_result_.error())); \
    *std::move(try_result_);                                                \
  })
#define TRY_VOID(...)                                                       \
  do {                                                                      \
    auto&& try_result_ = (__VA_ARGS__);                                     \
    if (!try_result_) return ::atoll::fail(std::move(try_result_.error())); \
  } while (false)
// `co_await` may not stand inside a statement expression's temporary, so the awaited form is
// two steps: `auto row = co_await load(); CO_CHECK(row);`.
#define CO_CHECK(result) \
  if (!(result)) co_return ::atoll::fail(std::move((result).error()))
