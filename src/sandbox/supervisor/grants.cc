#include "sandbox/supervisor/grants.h"

namespace atoll::sandbox {
namespace {

// Ids and names hold no NUL byte, so the parts cannot run into each other.
std::string identity(char kind, const std::string& first, const std::string& second = {}) {
  std::string text(1, kind);
  text += first;
  text.push_back('\0');
  text += second;
  return text;
}

}  // namespace

border::Handle Grants::grant(ScriptGrant script) {
  std::string name = identity('s', script.account_id, script.script);
  return grant_once(std::move(name), std::move(script));
}

border::Handle Grants::grant(NamespaceGrant dispatch_namespace) {
  std::string name = identity('n', dispatch_namespace.account_id, dispatch_namespace.name);
  return grant_once(std::move(name), std::move(dispatch_namespace));
}

border::Handle Grants::grant(KvGrant kv) {
  std::string name = identity('k', kv.namespace_id);
  return grant_once(std::move(name), std::move(kv));
}

border::Handle Grants::grant(LaneScriptGrant script) {
  std::string name =
      identity('l', script.scope.account_id + '/' + script.scope.namespace_id, script.script);
  return grant_once(std::move(name), std::move(script));
}

border::Handle Grants::grant(VersionGrant version) {
  std::string name = identity('v', version.version_id);
  return grant_once(std::move(name), std::move(version));
}

border::Handle Grants::find_kv(const std::string& namespace_id) const {
  auto found = handles_.find(identity('k', namespace_id));
  return found == handles_.end() ? 0 : found->second;
}

border::Handle Grants::grant_once(std::string identity, Grant grant) {
  auto [place, added] = handles_.try_emplace(std::move(identity), granted_.size() + 1);
  if (added) granted_.push_back(std::move(grant));
  return place->second;
}

}  // namespace atoll::sandbox
