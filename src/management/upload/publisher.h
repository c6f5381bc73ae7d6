// The one way to a new version: read the call, check the code by running it, merge bindings with
// what the script has, and commit all of it at once through the registry.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "async/task.h"
#include "management/big_work.h"
#include "management/call.h"
#include "management/upload/binding_targets.h"
#include "management/upload/code.h"
#include "management/upload/metadata.h"
#include "scripts/registry.h"
#include "scripts/script_checker.h"

namespace atoll::management {

// A script as the paths of the API name it.
struct ScriptAddress {
  scripts::Scope scope;
  std::string name;

  // 404 with the code clients expect for that scope.
  ApiError missing() const;
};

// Calls may overlap, also for one script: the registry orders them. Lives as long as its calls.
class Publisher {
 public:
  Publisher(scripts::Registry& registry, scripts::ScriptChecker& checker, BigWork& big_work,
            UploadRules rules);

  enum class Then { Deploy, OnlyUpload };

  // A whole upload (metadata and code). Then::OnlyUpload needs the script to exist.
  Task<Answer<scripts::Published>> upload(Call& call, ScriptAddress address, Then then);

  // New code, everything else as in the latest version.
  Task<Answer<scripts::Published>> replace_content(Call& call, ScriptAddress address);

  // A settings edit: a new deployed version when it touches what belongs to a version, otherwise
  // just the script's record.
  Task<Answer<void>> edit_settings(Call& call, ScriptAddress address);

  // Name to binding; none removes it. Removing what is not there succeeds.
  using BindingChanges = std::map<std::string, std::optional<RequestedBinding>>;
  Task<Answer<scripts::Published>> change_bindings(Call& call, ScriptAddress address,
                                                   BindingChanges changes, Json annotations,
                                                   Then then);

  const UploadRules& rules() const { return rules_; }

 private:
  // What a new version is made of, whoever asks for it.
  struct Draft {
    ScriptAddress address;
    BindingPlan bindings;
    UploadMetadata metadata;
    std::optional<UploadedCode> code;  // none: the latest version's
    bool from_latest = false;          // dates, flags, limits start from the latest version's
    bool must_exist = false;
    bool needs_latest_deployed = false;  // 10215 when the latest version is not the deployed one
    std::string expected_bundle_id;      // not empty: 10035 when the latest version has other code
    Json annotations = Json::object();
    Then then = Then::Deploy;
  };
  Task<Answer<scripts::Published>> publish(Call& call, Draft draft);
  // Runs the code as the draft would publish it now; fills what the run tells about it.
  Task<Answer<scripts::VersionContent>> check_code(const Draft& draft,
                                                   const scripts::ScriptState* current);
  Answer<scripts::Publication> compose(const Call& call, const Draft& draft,
                                       const std::optional<scripts::VersionContent>& checked,
                                       const scripts::ScriptState* latest) const;
  // Everything that can be told from the body alone.
  struct ReadUpload {
    UploadMetadata metadata;
    UploadedCode code;
  };
  enum class Needs { MetadataAndCode, Code };
  Answer<ReadUpload> read_upload(const Request& request, Needs needs) const;
  Task<Answer<ReadUpload>> read_upload_aside(const Request& request, Needs needs);

  Task<Answer<void>> load_pinned(Draft& draft);
  Task<Answer<scripts::ScriptState>> load_existing(const ScriptAddress& address);

  scripts::Registry& registry_;
  scripts::ScriptChecker& checker_;
  BigWork& big_work_;
  BindingTargets targets_;
  UploadRules rules_;
};

// "wrangler" for its user agent, otherwise "api".
std::string caller_source(const Request& request);

}  // namespace atoll::management
