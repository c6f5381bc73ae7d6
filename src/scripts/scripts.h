// Scripts, their versions and deployments.
// Promises common to all registry classes are in registry.h.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scripts/backing.h"
#include "scripts/records.h"
#include "scripts/tag_filter.h"

namespace atoll::scripts {

// Older versions and deployments are forgotten, except versions that the active deployment uses.
inline constexpr unsigned kKeptVersions = 100;
inline constexpr unsigned kKeptDeployments = 100;

struct VersionWithSecrets {
  Version version;
  Secrets secrets;
};

// What a new version may build on.
struct ScriptState {
  Script script;
  VersionWithSecrets latest;
  // The larger share of the active deployment; none while nothing is deployed. Often the same
  // version as `latest`.
  std::optional<VersionWithSecrets> deployed;
};

struct DeploymentDraft {
  std::vector<Deployment::Share> versions;
  std::string source;
  Author author;
  Json annotations = Json::object();
};

// A new version and all that changes with it, in one transaction.
struct Publication {
  VersionContent content;
  Secrets secrets;  // exactly one for each secret binding in `content`
  std::string source;
  Author author;
  Json annotations = Json::object();

  // The script's from now on: start from the current ones, given to Compose.
  ScriptSettings settings;
  std::vector<std::string> tags;

  // Deploys the new version at 100 % in the same transaction. Absent: uploaded only.
  std::optional<Json> deploy_with_annotations;
};

struct Published {
  Script script;
  Version version;
  bool created = false;  // the script did not exist before
};

struct ActiveScript {
  Script script;                             // `active` is set
  std::vector<VersionWithSecrets> versions;  // in the order of script.active->versions
};

class Scripts {
 public:
  explicit Scripts(Backing backing) : backing_(backing) {}

  // Stores a version's code (bundle/bundle.h) or other immutable bytes and returns the blob id to
  // put into VersionContent. Durable. Bytes that no version ends up using are collected at a later
  // start.
  Task<Result<std::string>> store_blob(std::string bytes);
  Task<Result<std::string>> load_blob(std::string id);  // NotFound
  Task<Result<UniqueFd>> open_blob(std::string id);     // read-only, fit for mapping; NotFound

  // Composes a publication from the current state (null: no such script yet) and commits it.
  // When someone else changed the script in between, `compose` runs again with the newer state, so
  // it must only compute. Its Error is passed through unchanged. Otherwise: InvalidInput for a bad
  // name, bad tags, duplicate or unnamed bindings, secrets that do not match; NotFound when the
  // dispatch namespace is gone or bundle_id is unknown.
  using Compose = std::function<Result<Publication>(const ScriptState* current)>;
  Task<Result<Published>> publish_version(Scope scope, std::string name, Compose compose);

  // NotFound without the script; InvalidInput unless the versions are one or two different existing
  // ones whose percentages (0 to 100) sum to 100.
  Task<Result<Deployment>> create_deployment(Scope scope, std::string name, DeploymentDraft draft);

  // Applies `edit` to tags and settings; changes to other members are ignored. May run it several
  // times. NotFound; errors of `edit` unchanged.
  using Edit = std::function<Result<void>(Script&)>;
  Task<Result<Script>> update(Scope scope, std::string name, Edit edit);

  Task<Result<std::optional<Script>>> find(Scope scope, std::string name);
  Task<Result<std::optional<Script>>> find_by_tag(std::string account_id, std::string tag);

  struct Query {
    TagFilter filter;
    std::string after;      // names greater than this one
    unsigned limit = 1000;  // 1 to 1000
  };
  struct Page {
    std::vector<Script> scripts;  // by name, in byte order
    bool complete = true;         // false: ask again after the last name
  };
  Task<Result<Page>> list(Scope scope, Query query);

  // What is needed to run the script. NotFound: no such script, or nothing deployed.
  Task<Result<ActiveScript>> load_active(Scope scope, std::string name);
  // The state a new version may build on, with secrets; nothing without the script.
  Task<Result<std::optional<ScriptState>>> load_state(Scope scope, std::string name);
  // NotFound without the script or the version.
  Task<Result<VersionWithSecrets>> load_version_with_secrets(Scope scope, std::string name,
                                                             std::string version_id);

  Task<Result<std::optional<Version>>> find_version(Scope scope, std::string name,
                                                    std::string version_id);
  // Newest first; `skip` of the newest left out; `total` counts all. NotFound without the script.
  struct VersionPage {
    std::vector<Version> versions;
    std::uint64_t total = 0;
  };
  Task<Result<VersionPage>> list_versions(Scope scope, std::string name, unsigned skip,
                                          unsigned limit);

  // Newest first: the first is the active one. NotFound without the script.
  Task<Result<std::vector<Deployment>>> list_deployments(Scope scope, std::string name);
  Task<Result<std::optional<Deployment>>> find_deployment(Scope scope, std::string name,
                                                          std::string deployment_id);
  // NotFound; Conflict for the active one.
  Task<Result<void>> delete_deployment(Scope scope, std::string name, std::string deployment_id);

  // Keeps V8's code cache with the version, replacing an older one. No event: running code is the
  // same. NotFound when the version has gone meanwhile.
  Task<Result<void>> attach_code_cache(Scope scope, std::string name, std::string version_id,
                                       std::string bytes);

  // With versions, secrets, deployments, routes and custom domains. NotFound.
  Task<Result<void>> remove(Scope scope, std::string name);
  // Deletes every script that matches and returns their names. Each script goes atomically, the
  // whole does not: on failure some are gone already. An empty filter deletes all.
  Task<Result<std::vector<std::string>>> delete_all(Scope scope, TagFilter filter);

  // Removes blobs that no version uses. Call at start, before anything can publish: a blob stored
  // but not yet published looks unused. Takes time by how much there is to remove, not by how much
  // there is. Returns how many were removed.
  Task<Result<std::uint64_t>> collect_blobs();

 private:
  Backing backing_;
};

}  // namespace atoll::scripts
