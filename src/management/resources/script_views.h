// Scripts, versions and deployments as the API shows them.
#pragma once

#include "base/json.h"
#include "management/settings.h"
#include "scripts/records.h"
#include "scripts/scripts.h"

namespace atoll::management {

Json script_record(const scripts::Script& script);

// What an upload answers: the record, and the new version as `deployment_id`.
Json upload_answer(const scripts::Published& published);

Json service_record(const scripts::Script& script);

// `bindings` as BindingTargets::show makes them.
Json version_view(const scripts::Script& script, const scripts::Version& version, Json bindings);

Json deployment_view(const scripts::Deployment& deployment);

// GET …/settings.
Json settings_view(const scripts::Script& script, const scripts::Version& latest, Json bindings);

// The part of the settings that belongs to no version.
Json script_settings_view(const scripts::Script& script);

// The newer family's Worker resource, with the address clients print.
Json worker_view(const Settings& settings, const scripts::Account& account,
                 const scripts::Script& script);

Json subdomain_view(const scripts::Script& script);

}  // namespace atoll::management
