// The filter expression of script lists: comma-separated `tag:yes` and `tag:no` terms that must all
// hold. The last ':' separates tag from word, for tags may contain colons.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace atoll::scripts {

inline constexpr std::size_t kMaxTags = 8;
inline constexpr std::size_t kMaxTagBytes = 128;

class TagFilter {
 public:
  TagFilter() = default;  // holds for every script

  // Empty text is the filter that always holds. InvalidInput names the broken term.
  static Result<TagFilter> parse(std::string_view expression);

  bool empty() const { return required_.empty() && forbidden_.empty(); }
  bool matches(const std::vector<std::string>& tags) const;
  const std::vector<std::string>& required() const { return required_; }

 private:
  std::vector<std::string> required_;
  std::vector<std::string> forbidden_;
};

// Removes duplicates. LimitReached beyond kMaxTags; InvalidInput for an empty tag, one longer than
// kMaxTagBytes, with ',' or '&', or not UTF-8.
Result<std::vector<std::string>> check_tags(std::vector<std::string> tags);

}  // namespace atoll::scripts
