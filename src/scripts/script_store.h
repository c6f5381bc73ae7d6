// How a script's records hang together: pieces that publishing, deploying and deleting share.
// Private to this room.
#pragma once

#include <optional>
#include <string>

#include "scripts/change.h"
#include "scripts/encoding.h"
#include "scripts/scripts.h"

namespace atoll::scripts {

Error no_such_script(const Scope& scope, const std::string& name);

// The script as stored; nothing where there is none. Must be unchanged when `change` commits.
Task<Result<std::optional<StoredScript>>> read_script(Change& change, Scope scope,
                                                      std::string name);
Task<Result<std::optional<StoredScript>>> load_script(store::MetaStore& meta, Scope scope,
                                                      std::string name);

// InvalidInput when the account has no such script. Writes its record back, so that deleting the
// script at the same time and what the caller attaches to it cannot both succeed.
Task<Result<void>> require_script(Change& change, std::string account_id, std::string script);

// Writes the script and moves its place in the tag index.
void write_script(Change& change, const StoredScript& after, const Script* before);

void write_version(Change& change, const Script& script, const Version& version,
                   const Secrets& secrets);
void erase_version(Change& change, const Script& script, const Version& version);

// Makes `deployment` the active one.
void write_deployment(Change& change, StoredScript& stored, const Deployment& deployment);

// Forgets versions and deployments beyond the number that is kept.
Task<Result<void>> prune(Change& change, store::MetaStore& meta, const StoredScript& stored);

// Adds to the count of a dispatch namespace's scripts. Account-level scripts are not counted.
Task<Result<void>> count(Change& change, Scope scope, std::string name, int difference);

Script::Summary summary_of(const Version& version);
const Deployment::Share& larger_share(const Deployment& deployment);

// Internal when it is missing: the script says it exists.
Task<Result<VersionWithSecrets>> load_version(store::MetaStore& meta, std::string script_tag,
                                              std::string version_id);

// InvalidInput unless one or two different versions sum to 100 %.
Result<void> check_shares(const std::vector<Deployment::Share>& versions);

bool has_secrets(const VersionContent& content);

}  // namespace atoll::scripts
