// The control plane's records as values. Who changes them: the classes in registry.h. How they are
// stored is private to this room.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "scripts/scope.h"

namespace atoll::scripts {

struct Author {
  std::string id;  // of a user; opaque
  std::string email;
};

struct Account {
  std::string id;  // [A-Za-z0-9_-]+, usually 32 hexadecimal digits
  std::string name;
  std::string subdomain;  // of the platform domain
  WallTime created_on;
  Json settings = Json::object();  // account-settings, as the API shows them
};

// The token itself is never stored, only its SHA-256.
struct ApiToken {
  std::string id;  // 32 hexadecimal digits
  std::string account_id;
  std::string name;
  Author user;
  WallTime created_on;
  std::optional<WallTime> expires_on;
};

struct Zone {
  std::string id;  // 32 hexadecimal digits
  std::string account_id;
  std::string name;  // lower case, unique on the whole platform
  WallTime created_on;
};

struct DispatchNamespace {
  std::string id;  // UUID; survives renaming
  std::string account_id;
  std::string name;  // unique in the account
  bool trusted_workers = false;
  Json configuration = Json::object();  // inbound, outbound, …
  WallTime created_on;
  WallTime modified_on;
  std::string created_by;
  std::string modified_by;
};

struct KvNamespace {
  std::string id;  // 32 hexadecimal digits
  std::string account_id;
  std::string title;  // unique in the account
};

// What belongs to the script, not to a version of it. The Json members are kept as uploaded; null
// where never set.
struct ScriptSettings {
  bool logpush = false;
  bool subdomain_enabled = false;
  bool previews_enabled = false;
  Json observability;
  Json tail_consumers;
  std::string last_deployed_from;  // wrangler, api, dash
  std::string migration_tag;
  Json more = Json::object();  // members this room has no opinion on
};

enum class CodeFormat { Modules, ServiceWorker, None };  // None: assets only

struct Limits {
  std::optional<unsigned> cpu_ms;
  std::optional<unsigned> subrequests;
};

struct Binding {
  std::string name;
  std::string type;
  // The other members in the form of the API. The secret parts (text, key_base64, key_jwk) of
  // secret_text and secret_key are not here but in Secrets.
  Json details = Json::object();
};

// Binding name to secret text; for a secret_key the JSON text of its key members. Kept in records
// of their own and returned only where a declaration names Secrets.
using Secrets = std::map<std::string, std::string>;

struct NamedHandlers {
  std::string name;
  std::vector<std::string> handlers;
};

// Everything about one upload that the uploader or the upload check decides.
struct VersionContent {
  std::string bundle_id;  // blob; empty when format is None
  std::string etag;
  std::string main_module;  // name in the bundle
  CodeFormat format = CodeFormat::Modules;
  std::vector<Binding> bindings;  // names are unique
  std::string compatibility_date;
  std::vector<std::string> compatibility_flags;
  std::string usage_model = "standard";
  Limits limits;
  std::vector<std::string> handlers;
  std::vector<NamedHandlers> named_handlers;
  unsigned startup_time_ms = 0;
  std::string code_cache_id;  // blob; empty until there is one
  bool has_assets = false;
  Json more = Json::object();  // placement, migrations, exports, …: passed through
};

// Immutable, but for the code cache.
struct Version {
  std::string id;       // UUID
  unsigned number = 0;  // 1, 2, … within the script
  WallTime created_on;
  std::string source;  // wrangler, api, …
  Author author;
  Json annotations = Json::object();
  VersionContent content;
};

struct Deployment {
  struct Share {
    std::string version_id;
    double percentage = 0;
    bool operator==(const Share&) const = default;
  };
  std::string id;  // UUID
  std::string strategy = "percentage";
  std::vector<Share> versions;  // one or two, summing to 100
  std::string source;
  Author author;
  Json annotations = Json::object();
  WallTime created_on;
};

struct Script {
  Scope scope;
  std::string name;
  std::string tag;  // 32 hexadecimal digits: the identity that survives nothing but this script
  std::vector<std::string> tags;
  ScriptSettings settings;
  WallTime created_on;
  WallTime modified_on;
  std::string latest_version_id;  // never empty
  unsigned latest_version_number = 0;
  std::optional<Deployment> active;  // the newest deployment; none while only uploaded

  // Of the active deployment's larger share, else of the latest version: what a list shows
  // without loading versions.
  struct Summary {
    std::string version_id;
    std::string etag;
    std::vector<std::string> handlers;
    std::vector<NamedHandlers> named_handlers;
    std::string compatibility_date;
    std::vector<std::string> compatibility_flags;
    std::string usage_model;
    Limits limits;
    CodeFormat format = CodeFormat::Modules;
    bool has_assets = false;
    unsigned startup_time_ms = 0;
  };
  Summary summary;
};

// A pattern of dispatch/'s grammar, kept as text; script empty: "no Worker here".
struct Route {
  std::string id;  // 32 hexadecimal digits
  std::string zone_id;
  std::string account_id;
  std::string pattern;  // unique in the zone
  std::string script;   // account-level script of account_id
};

struct CustomDomain {
  std::string id;  // UUID
  std::string account_id;
  std::string hostname;  // lower case, unique on the whole platform
  std::string script;    // account-level script of account_id
  std::string environment = "production";
  std::string zone_id;
  std::string zone_name;
  bool enabled = true;
  bool previews_enabled = false;
};

}  // namespace atoll::scripts
