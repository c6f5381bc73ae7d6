#include "sandbox/supervisor/loaded_script.h"

#include "base/json.h"

namespace atoll::sandbox {
namespace {

bool lies_in_bundle(std::string_view type) {
  return type == "wasm_module" || type == "text_blob" || type == "data_blob";
}

// A KV namespace is granted only when the script's own account has it, whatever the upload said.
Task<Result<border::Handle>> grant_kv(scripts::Registry& registry, Grants& grants,
                                      std::string account_id, std::string namespace_id) {
  auto found = co_await registry.kv_namespaces.find(account_id, namespace_id);
  CO_CHECK(found);
  co_return *found ? grants.grant(KvGrant{namespace_id}) : 0;
}

void add_outbound(Grants& grants, const std::string& account_id, const Json& outbound,
                  border::Binding& binding) {
  const Json& worker = json_member(outbound, "worker");
  std::string service = json_string(worker, "service");
  if (service.empty()) return;
  binding.outbound = grants.grant(ScriptGrant{account_id, service});
  binding.outbound_entrypoint = json_string(worker, "entrypoint");
  for (const Json& parameter : json_member(outbound, "params")) {
    std::string name =
        parameter.is_string() ? parameter.get<std::string>() : json_string(parameter, "name");
    if (!name.empty()) binding.outbound_parameters.push_back(std::move(name));
  }
}

Task<Result<border::Binding>> make_binding(scripts::Registry& registry, Grants& grants,
                                           std::string account_id, const scripts::Binding& uploaded,
                                           const scripts::Secrets& secrets) {
  border::Binding binding;
  binding.name = uploaded.name;
  binding.type = uploaded.type;
  const Json& details = uploaded.details;
  if (binding.type == "plain_text") {
    binding.text = json_string(details, "text");
  } else if (auto secret = secrets.find(binding.name); secret != secrets.end()) {
    binding.text = secret->second;
  } else if (binding.type == "json") {
    binding.text = dump_json(json_member(details, "json"));
  } else if (lies_in_bundle(binding.type)) {
    binding.target = json_string(details, "part");
    while (binding.target.starts_with("./")) binding.target.erase(0, 2);
  } else {
    binding.text = dump_json(details);
  }
  if (binding.type == "kv_namespace") {
    binding.target = json_string(details, "namespace_id");
    auto handle = co_await grant_kv(registry, grants, account_id, binding.target);
    CO_CHECK(handle);
    binding.handle = *handle;
  } else if (binding.type == "service") {
    binding.target = json_string(details, "service");
    binding.entrypoint = json_string(details, "entrypoint");
    if (const Json& props = json_member(details, "props"); !props.is_null()) {
      binding.props = dump_json(props);
    }
    binding.handle = grants.grant(ScriptGrant{account_id, binding.target});
  } else if (binding.type == "dispatch_namespace") {
    binding.target = json_string(details, "namespace");
    binding.handle = grants.grant(NamespaceGrant{account_id, binding.target});
    add_outbound(grants, account_id, json_member(details, "outbound"), binding);
  }
  co_return binding;
}

Task<Result<void>> add_version(scripts::Registry& registry, Grants& grants,
                               const scripts::Script& script,
                               const scripts::VersionWithSecrets& stored, double percentage,
                               ScriptAnswer& answer) {
  const scripts::Version& source = stored.version;
  border::ScriptVersion version;
  version.handle = grants.grant(VersionGrant{script.scope, script.name, source.id});
  version.version_id = source.id;
  version.number = source.number;
  version.percentage = percentage;
  version.compatibility_date = source.content.compatibility_date;
  version.compatibility_flags = source.content.compatibility_flags;
  version.limits = {source.content.limits.cpu_ms.value_or(0),
                    source.content.limits.subrequests.value_or(0)};
  version.tag = json_string(source.annotations, "workers/tag");
  version.message = json_string(source.annotations, "workers/message");
  version.created_on_ms = source.created_on.time_since_epoch().count();
  for (const scripts::Binding& uploaded : source.content.bindings) {
    auto binding =
        co_await make_binding(registry, grants, script.scope.account_id, uploaded, stored.secrets);
    CO_CHECK(binding);
    version.bindings.push_back(std::move(*binding));
  }
  auto bundle = co_await registry.scripts.open_blob(source.content.bundle_id);
  CO_CHECK(bundle);
  version.bundle_descriptor = static_cast<std::uint32_t>(answer.descriptors.size());
  answer.descriptors.push_back(std::move(*bundle));
  if (!source.content.code_cache_id.empty()) {
    // A lost code cache costs time, not correctness.
    auto cache = co_await registry.scripts.open_blob(source.content.code_cache_id);
    if (cache) {
      version.code_cache_descriptor = static_cast<std::uint32_t>(answer.descriptors.size());
      answer.descriptors.push_back(std::move(*cache));
    }
  }
  answer.script.versions.push_back(std::move(version));
  co_return Result<void>();
}

// The Workers before and behind those of a namespace. Their grants go to hosts that run a script of
// it.
void add_control(Grants& grants, const scripts::DispatchNamespace& dispatch_namespace,
                 border::LoadedScript& script) {
  auto grant = [&](const char* direction, border::Handle& handle, std::string& entrypoint) {
    const Json& control = json_member(dispatch_namespace.configuration, direction);
    std::string service = json_string(control, "service");
    if (service.empty()) return;
    handle = grants.grant(ScriptGrant{dispatch_namespace.account_id, std::move(service)});
    entrypoint = json_string(control, "entrypoint");
  };
  grant("inbound", script.inbound, script.inbound_entrypoint);
  grant("outbound", script.outbound, script.outbound_entrypoint);
}

}  // namespace

std::string script_key(const scripts::Scope& scope, const std::string& name) {
  return scope.account_id + "/" + scope.namespace_id + "/" + name;
}

Task<Result<ScriptAnswer>> load_script_answer(
    scripts::Registry& registry, Grants& grants, scripts::Scope scope, std::string name,
    const scripts::DispatchNamespace* dispatch_namespace) {
  ScriptAnswer answer;
  answer.script.script_key = script_key(scope, name);
  answer.script.account_id = scope.account_id;
  answer.script.script_name = name;
  if (dispatch_namespace) {
    answer.script.dispatch_namespace = dispatch_namespace->name;
    answer.script.trusted = dispatch_namespace->trusted_workers;
    add_control(grants, *dispatch_namespace, answer.script);
  }
  auto active = co_await registry.scripts.load_active(scope, name);
  if (!active && active.error().kind() == ErrorKind::NotFound) co_return answer;
  CO_CHECK(active);
  answer.script.tags = active->script.tags;
  const auto& shares = active->script.active->versions;
  for (std::size_t i = 0; i < active->versions.size(); ++i) {
    const auto& stored = active->versions[i];
    if (stored.version.content.format == scripts::CodeFormat::None) continue;
    auto added = co_await add_version(registry, grants, active->script, stored,
                                      shares[i].percentage, answer);
    CO_CHECK(added);
  }
  if (!answer.script.versions.empty()) answer.script.status = border::LoadStatus::Found;
  co_return answer;
}

}  // namespace atoll::sandbox
