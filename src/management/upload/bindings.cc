#include "management/upload/bindings.h"

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "bundle/bundle.h"
#include "management/upload/code.h"

namespace atoll::management {
namespace {

using scripts::Binding;

constexpr std::size_t kMaxBindingNameBytes = 256;
constexpr std::size_t kMaxDetailsBytes = 16 * 1024;

std::string described(const Binding& binding) {
  return "binding " + binding.name + " of type " + binding.type;
}

Answer<void> require_text(const Binding& binding, std::string_view member) {
  const Json& value = json_member(binding.details, member);
  if (value.is_string() && (!value.get_ref<const std::string&>().empty() || member == "text")) {
    return {};
  }
  return fail(
      refused(described(binding) + " must have a valid `" + std::string(member) + "` specified"));
}

Answer<void> check_variable_size(const Binding& binding, std::size_t bytes,
                                 const UploadRules& rules) {
  if (bytes <= rules.max_variable_bytes) return {};
  return fail(ApiError(400, codes::kVariableTooLarge,
                       described(binding) + " holds " + std::to_string(bytes) +
                           " bytes; the limit is " + std::to_string(rules.max_variable_bytes)));
}

Answer<void> check_dispatch_namespace(const Binding& binding, const UploadRules& rules) {
  TRY_VOID(require_text(binding, "namespace"));
  const Json& outbound = json_member(binding.details, "outbound");
  if (outbound.is_null() || (outbound.is_object() && outbound.empty())) return {};
  if (!rules.outbound_workers) {
    return fail(refused(described(binding) +
                        " has an outbound Worker, which this server does not support yet"));
  }
  const Json& worker = json_member(outbound, "worker");
  if (json_string(worker, "service").empty()) {
    return fail(refused(described(binding) + " must name the service of its outbound Worker"));
  }
  return {};
}

// Checks the members of its type; moves a secret out of the details.
Answer<void> check_members(RequestedBinding& requested, const UploadRules& rules) {
  Binding& binding = requested.binding;
  const std::string& type = binding.type;
  if (type == "plain_text") {
    TRY_VOID(require_text(binding, "text"));
    return check_variable_size(binding, json_string(binding.details, "text").size(), rules);
  }
  if (type == "json") {
    if (!binding.details.contains("json")) {
      return fail(refused(described(binding) + " must have a `json` value"));
    }
    return check_variable_size(binding, dump_json(binding.details["json"]).size(), rules);
  }
  if (type == "secret_text") {
    TRY_VOID(require_text(binding, "text"));
    requested.secret = json_string(binding.details, "text");
    binding.details.erase("text");
    return check_variable_size(binding, requested.secret->size(), rules);
  }
  if (type == "kv_namespace") return require_text(binding, "namespace_id");
  if (type == "service") {
    const Json& entrypoint = json_member(binding.details, "entrypoint");
    if (!entrypoint.is_null() && !entrypoint.is_string()) {
      return fail(refused(described(binding) + " must have a string as its entrypoint"));
    }
    return require_text(binding, "service");
  }
  if (type == "dispatch_namespace") return check_dispatch_namespace(binding, rules);
  if (type == "version_metadata" || type == "worker_loader") return {};
  if (is_blob_type(type)) return require_text(binding, "part");
  if (type == "inherit") {
    requested.inherited_name = json_string(binding.details, "old_name", binding.name);
    requested.inherited_version_id = json_string(binding.details, "version_id");
    return {};
  }
  return fail(refused("binding " + binding.name + " has type " + type +
                      ", which this server does not support"));
}

Answer<RequestedBinding> read_binding(const Json& json, std::size_t index,
                                      const UploadRules& rules) {
  if (!json.is_object()) {
    return fail(refused("binding number " + std::to_string(index + 1) + " is not an object"));
  }
  RequestedBinding requested;
  Binding& binding = requested.binding;
  binding.name = json_string(json, "name");
  binding.type = json_string(json, "type");
  if (binding.name.empty()) {
    return fail(ApiError(400, codes::kBindingWithoutName,
                         "binding number " + std::to_string(index + 1) + " has no name"));
  }
  if (binding.name.size() > kMaxBindingNameBytes || !is_valid_utf8(binding.name)) {
    return fail(refused("binding number " + std::to_string(index + 1) +
                        " has a name that is too long or not UTF-8"));
  }
  if (binding.type.empty()) return fail(refused("binding " + binding.name + " has no type"));
  for (const auto& [member, value] : json.items()) {
    if (member != "name" && member != "type") binding.details[member] = value;
  }
  TRY_VOID(check_members(requested, rules));
  if (dump_json(binding.details).size() > kMaxDetailsBytes) {
    return fail(refused(described(binding) + " is larger than 16 KiB"));
  }
  return requested;
}

// The binding that an inherit stands for; null where there is none.
const Binding* find_inherited(const BindingPlan& plan, const RequestedBinding& inherit,
                              const scripts::VersionWithSecrets* latest,
                              const scripts::VersionWithSecrets*& source) {
  source = latest;
  if (!inherit.inherited_version_id.empty()) {
    auto found = plan.pinned.find(inherit.inherited_version_id);
    source = found == plan.pinned.end() ? nullptr : &found->second;
  }
  if (source == nullptr) return nullptr;
  for (const Binding& binding : source->version.content.bindings) {
    if (binding.name == inherit.inherited_name) return &binding;
  }
  return nullptr;
}

void copy_binding(const Binding& binding, const std::string& name,
                  const scripts::VersionWithSecrets& source, MergedBindings& merged) {
  Binding copy = binding;
  copy.name = name;
  if (auto secret = source.secrets.find(binding.name); secret != source.secrets.end()) {
    merged.secrets[name] = secret->second;
  }
  merged.bindings.push_back(std::move(copy));
}

bool is_kept(const BindingPlan& plan, const Binding& binding) {
  if (plan.removed.contains(binding.name)) return false;
  if (plan.keep == BindingPlan::Keep::All) return true;
  if (plan.keep == BindingPlan::Keep::Secrets) return is_secret_type(binding.type);
  return std::find(plan.keep_types.begin(), plan.keep_types.end(), binding.type) !=
         plan.keep_types.end();
}

Answer<void> check_variable_count(const MergedBindings& merged, const UploadRules& rules) {
  auto is_variable = [](const Binding& binding) {
    return binding.type == "plain_text" || binding.type == "json" || is_secret_type(binding.type);
  };
  auto count = static_cast<std::size_t>(
      std::count_if(merged.bindings.begin(), merged.bindings.end(), is_variable));
  if (count <= rules.max_variables) return {};
  return fail(ApiError(400, codes::kTooManyVariables,
                       "The script has " + std::to_string(count) +
                           " variables and secrets; the limit is " +
                           std::to_string(rules.max_variables)));
}

}  // namespace

bool is_secret_type(std::string_view type) { return type == "secret_text" || type == "secret_key"; }

bool is_blob_type(std::string_view type) {
  return type == "wasm_module" || type == "text_blob" || type == "data_blob";
}

Answer<std::vector<RequestedBinding>> read_bindings(const Json& bindings,
                                                    const UploadRules& rules) {
  std::vector<RequestedBinding> requested;
  if (bindings.is_null()) return requested;
  if (!bindings.is_array()) return fail(malformed("metadata bindings must be an array"));
  if (bindings.size() > rules.max_bindings) {
    return fail(
        refused("The script has more than " + std::to_string(rules.max_bindings) + " bindings"));
  }
  std::set<std::string> names;
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    requested.push_back(TRY(read_binding(bindings[i], i, rules)));
    const std::string& name = requested.back().binding.name;
    if (!names.insert(name).second) {
      return fail(refused("binding " + name + " is given more than once"));
    }
  }
  return requested;
}

Answer<RequestedBinding> read_secret(const Json& secret, const UploadRules& rules) {
  if (!secret.is_object()) return fail(malformed("a secret must be an object {name, text, type}"));
  Json binding = secret;
  if (!binding.contains("type")) binding["type"] = "secret_text";
  if (binding["type"] != "secret_text") {
    return fail(refused("secret " + json_string(binding, "name") + " has type " +
                        dump_json(binding["type"]) + "; only \"secret_text\" is supported"));
  }
  return read_binding(binding, 0, rules);
}

Answer<MergedBindings> merge_bindings(const BindingPlan& plan,
                                      const scripts::VersionWithSecrets* latest,
                                      const UploadRules& rules) {
  MergedBindings merged;
  std::set<std::string_view> taken;
  for (const RequestedBinding& requested : plan.requested) {
    const std::string& name = requested.binding.name;
    if (requested.binding.type == "inherit") {
      const scripts::VersionWithSecrets* source = nullptr;
      const Binding* inherited = find_inherited(plan, requested, latest, source);
      if (inherited == nullptr) {
        if (!plan.strict_inherit) continue;
        return fail(ApiError(400, codes::kInheritMissing,
                             "binding " + name + " inherits \"" + requested.inherited_name +
                                 "\", which the script does not have"));
      }
      copy_binding(*inherited, name, *source, merged);
    } else {
      merged.bindings.push_back(requested.binding);
      if (requested.secret) merged.secrets[name] = *requested.secret;
    }
    taken.insert(name);
  }
  if (latest != nullptr) {
    for (const Binding& binding : latest->version.content.bindings) {
      if (is_kept(plan, binding) && !taken.contains(binding.name)) {
        copy_binding(binding, binding.name, *latest, merged);
      }
    }
  }
  TRY_VOID(check_variable_count(merged, rules));
  return merged;
}

Answer<void> check_blob_bindings(const std::vector<Binding>& bindings, std::string_view bundle) {
  for (const Binding& binding : bindings) {
    if (!is_blob_type(binding.type)) continue;
    std::string part = canonical_module_name(json_string(binding.details, "part"));
    auto view = bundle::BundleView::parse(bundle);
    if (!view) return fail(ApiError(std::move(view.error())));
    if (view->find(part) == nullptr) {
      return fail(
          refused(described(binding) + " refers to part \"" + part + "\", which was not uploaded"));
    }
  }
  return {};
}

}  // namespace atoll::management
