// The half-open range of keys that a prefix and a cursor select, in byte order.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atoll::engines {

struct KeyRange {
  std::string from;               // inclusive
  std::optional<std::string> to;  // exclusive; none: no bound
};

// Keys that start with `prefix` and, unless `after` is empty, are greater than it.
inline KeyRange key_range(std::string_view prefix, std::string_view after) {
  KeyRange range{std::string(prefix), std::string(prefix)};
  if (!after.empty() && after >= prefix) {
    range.from = std::string(after) + '\0';  // the least string greater than `after`
  }
  while (!range.to->empty() && range.to->back() == '\xFF') range.to->pop_back();
  if (range.to->empty()) {
    range.to.reset();
  } else {
    ++range.to->back();
  }
  return range;
}

}  // namespace atoll::engines
