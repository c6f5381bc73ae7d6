#include "scripts/tag_filter.h"

#include <algorithm>

#include "base/encoding.h"

namespace atoll::scripts {
namespace {

bool contains(const std::vector<std::string>& tags, const std::string& tag) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

}  // namespace

Result<TagFilter> TagFilter::parse(std::string_view expression) {
  TagFilter filter;
  while (!expression.empty()) {
    std::size_t comma = std::min(expression.find(','), expression.size());
    std::string_view term = expression.substr(0, comma);
    bool more = comma < expression.size();
    expression.remove_prefix(more ? comma + 1 : comma);
    std::size_t colon = term.rfind(':');
    std::string_view word = colon == term.npos ? "" : term.substr(colon + 1);
    if (colon == 0 || (word != "yes" && word != "no") || (more && expression.empty())) {
      return fail(invalid_input("the tag filter term '" + std::string(term) +
                                "' is not of the form tag:yes or tag:no"));
    }
    (word == "yes" ? filter.required_ : filter.forbidden_).emplace_back(term.substr(0, colon));
  }
  return filter;
}

bool TagFilter::matches(const std::vector<std::string>& tags) const {
  return std::all_of(required_.begin(), required_.end(),
                     [&](const std::string& tag) { return contains(tags, tag); }) &&
         std::none_of(forbidden_.begin(), forbidden_.end(),
                      [&](const std::string& tag) { return contains(tags, tag); });
}

Result<std::vector<std::string>> check_tags(std::vector<std::string> tags) {
  std::vector<std::string> unique;
  for (std::string& tag : tags) {
    if (tag.empty()) return fail(invalid_input("a tag is empty"));
    if (tag.size() > kMaxTagBytes) {
      return fail(invalid_input("the tag '" + tag.substr(0, 32) + "…' is longer than " +
                                std::to_string(kMaxTagBytes) + " bytes"));
    }
    if (!is_valid_utf8(tag) || tag.find_first_of(",&") != tag.npos) {
      return fail(invalid_input("the tag '" + tag + "' holds ',', '&' or is not UTF-8"));
    }
    if (!contains(unique, tag)) unique.push_back(std::move(tag));
  }
  if (unique.size() > kMaxTags) {
    return fail(Error(ErrorKind::LimitReached,
                      "a Worker has at most " + std::to_string(kMaxTags) + " tags"));
  }
  return unique;
}

}  // namespace atoll::scripts
