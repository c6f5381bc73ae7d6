// CHECK(condition): a bug ends the process. Input from outside must never reach a CHECK.
#pragma once

namespace atoll {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}  // namespace atoll

#define CHECK(condition) \
  (static_cast<bool>(condition) ? void() : ::atoll::check_failed(#condition, __FILE__, __LINE__))
