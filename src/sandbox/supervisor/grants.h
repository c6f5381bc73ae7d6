// What one host connection may name. A handle is valid on that connection only, and only for the
// kind of thing it was granted for.
#pragma once

#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "sandbox/border/protocol.h"
#include "scripts/scope.h"

namespace atoll::sandbox {

struct ScriptGrant {  // an account-level script: route or service binding
  std::string account_id;
  std::string script;
};
struct NamespaceGrant {  // every script of a dispatch namespace
  std::string account_id;
  std::string name;
};
struct KvGrant {  // all keys of a KV namespace
  std::string namespace_id;
};
struct LaneScriptGrant {  // one script that hosts of other lanes call here
  scripts::Scope scope;
  std::string script;
  std::string dispatch_namespace;  // its name; empty for account-level scripts
};
struct VersionGrant {  // may attach a code cache
  scripts::Scope scope;
  std::string script;
  std::string version_id;
};

class Grants {
 public:
  // The same thing has the same handle however often it is granted.
  border::Handle grant(ScriptGrant script);
  border::Handle grant(NamespaceGrant dispatch_namespace);
  border::Handle grant(KvGrant kv);
  border::Handle grant(LaneScriptGrant script);
  border::Handle grant(VersionGrant version);

  // Null: never granted here, or as another kind of thing. Valid until the next grant().
  template <typename Grant>
  const Grant* find(border::Handle handle) const {
    if (handle == 0 || handle > granted_.size()) return nullptr;
    return std::get_if<Grant>(&granted_[handle - 1]);
  }

  template <typename Grant, typename Visit>
  void for_each(Visit visit) const {
    for (const auto& granted : granted_) {
      if (const Grant* grant = std::get_if<Grant>(&granted)) visit(*grant);
    }
  }

  // 0 when the namespace was never granted.
  border::Handle find_kv(const std::string& namespace_id) const;

 private:
  using Grant = std::variant<ScriptGrant, NamespaceGrant, KvGrant, LaneScriptGrant, VersionGrant>;
  border::Handle grant_once(std::string identity, Grant grant);

  std::vector<Grant> granted_;
  std::unordered_map<std::string, border::Handle> handles_;
};

}  // namespace atoll::sandbox
