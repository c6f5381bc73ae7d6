// The code of an upload: its parts as modules, checked and encoded as one bundle.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "management/upload/upload_form.h"
#include "management/upload/upload_rules.h"
#include "scripts/records.h"

namespace atoll::management {

struct UploadedCode {
  std::shared_ptr<const std::string> bundle;  // bundle/bundle.h encoding
  std::string etag;                           // changes exactly when the bundle does
  std::string main_module;
  scripts::CodeFormat format = scripts::CodeFormat::Modules;
};

// Which part is the entry, and how it is to be run.
struct EntryPart {
  std::string name;
  scripts::CodeFormat format = scripts::CodeFormat::Modules;
};

// From metadata.main_module or metadata.body_part. 10021 where neither or both are given.
Answer<EntryPart> read_entry(const Json& metadata);

// 10021 for a missing entry, parts of one name, a content type that is no module's, Python; 10027
// for too much code. Module names lose a leading "./".
Answer<UploadedCode> build_code(const std::vector<UploadPart>& parts, const EntryPart& entry,
                                const UploadRules& rules);

// "./a/b.js" and "a/b.js" are one module.
std::string canonical_module_name(std::string_view name);

}  // namespace atoll::management
