// Records as the JSON text that is stored. Private to this room. Members that are absent read as
// their defaults, so that a record written by an older Atoll can be read.
#pragma once

#include <string>
#include <string_view>

#include "scripts/egress_policies.h"
#include "scripts/records.h"

namespace atoll::scripts {

// A script as stored: what it is, and what only this room counts.
struct StoredScript {
  Script script;
  std::uint64_t deployments_made = 0;
};

// Where another record is.
struct Pointer {
  Scope scope;
  std::string name;
};

std::string encode(const Account& account);
std::string encode(const ApiToken& token);
std::string encode(const Zone& zone);
std::string encode(const DispatchNamespace& dispatch_namespace);
std::string encode(const KvNamespace& kv_namespace);
std::string encode(const Version& version);
std::string encode(const Secrets& secrets);
std::string encode(const Deployment& deployment);
std::string encode(const StoredScript& script);
std::string encode(const Route& route);
std::string encode(const CustomDomain& domain);
std::string encode(const Pointer& pointer);
std::string encode(const EgressPolicy& policy);

// Internal when the text is not what encode() makes.
template <typename Value>
Result<Value> decode(std::string_view text);

}  // namespace atoll::scripts
