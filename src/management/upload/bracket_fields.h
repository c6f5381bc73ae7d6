// Nested values that were flattened into form fields, put together again:
//   metadata[main_module]=w.mjs   metadata[tags][]=a   metadata[bindings][][name]=TEXT
// `x[]` appends; in arrays of objects a member that the last element already has starts a new one.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace atoll::management {

class BracketFields {
 public:
  // Whether `field` is `root` followed by at least one bracket.
  static bool belongs(std::string_view field, std::string_view root);

  // `field` belongs to the root. InvalidInput for brackets that do not match, too deep a nesting,
  // or a member that is used both as a value and as an object.
  Result<void> add(std::string_view field, std::string_view value);

  // An object. All leaves are strings but for members that hold booleans or numbers wherever they
  // occur in upload metadata (logpush, cpu_ms, …). Values inside `json` and `props` stay strings:
  // their types are the uploader's and were lost on the way.
  Json take() { return std::move(value_); }

 private:
  Json value_ = Json::object();
};

}  // namespace atoll::management
