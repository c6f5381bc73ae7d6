// The bindings of an upload: read and checked one by one, then merged with those that the script
// already has.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "management/api_error.h"
#include "management/upload/upload_rules.h"
#include "scripts/scripts.h"

namespace atoll::management {

struct RequestedBinding {
  scripts::Binding binding;           // type "inherit": copied from an earlier version
  std::optional<std::string> secret;  // of a secret_text
  std::string inherited_name;         // of an inherit
  std::string inherited_version_id;   // of an inherit; empty: the latest version
};

// `bindings` is metadata.bindings; null is an empty list. 10021 names the binding that is wrong: an
// unsupported type, a member missing or of the wrong type, a duplicate name. 10052: no name.
Answer<std::vector<RequestedBinding>> read_bindings(const Json& bindings, const UploadRules& rules);

// One secret as the secrets endpoints take it: {name, text, type}.
Answer<RequestedBinding> read_secret(const Json& secret, const UploadRules& rules);

struct BindingPlan {
  std::vector<RequestedBinding> requested;
  // Which existing bindings survive although not requested.
  enum class Keep { Secrets, ListedTypes, All };
  Keep keep = Keep::Secrets;
  std::vector<std::string> keep_types;  // for ListedTypes
  std::set<std::string> removed;        // names that never survive
  bool strict_inherit = false;  // 10057 for an inherit that refers to nothing, else it is dropped
  // The versions that inherits name, loaded beforehand.
  std::map<std::string, scripts::VersionWithSecrets> pinned;
};

struct MergedBindings {
  std::vector<scripts::Binding> bindings;
  scripts::Secrets secrets;
};

// `latest` may be null. 10055: too many variables.
Answer<MergedBindings> merge_bindings(const BindingPlan& plan,
                                      const scripts::VersionWithSecrets* latest,
                                      const UploadRules& rules);

// 10021 for a blob binding whose part is not in `bundle` (bundle/bundle.h encoding).
Answer<void> check_blob_bindings(const std::vector<scripts::Binding>& bindings,
                                 std::string_view bundle);

bool is_secret_type(std::string_view type);
bool is_blob_type(std::string_view type);  // wasm_module, text_blob, data_blob

}  // namespace atoll::management
