#include "management/upload/publisher.h"

#include "bundle/bundle.h"
#include "management/upload/compatibility.h"

namespace atoll::management {
namespace {

using scripts::Binding;
using scripts::Published;
using scripts::ScriptState;
using scripts::VersionContent;

const scripts::VersionWithSecrets* latest_of(const ScriptState* state) {
  return state == nullptr ? nullptr : &state->latest;
}

bool latest_is_deployed(const ScriptState& state) {
  return state.script.active && state.script.active->versions.size() == 1 &&
         state.script.active->versions.front().version_id == state.latest.version.id;
}

// What tenant code sees of a binding while it starts up.
std::string check_payload(const Binding& binding, const MergedBindings& merged,
                          const bundle::BundleView& view) {
  if (binding.type == "plain_text") return json_string(binding.details, "text");
  if (binding.type == "json") return dump_json(json_member(binding.details, "json"));
  if (is_secret_type(binding.type)) {
    auto secret = merged.secrets.find(binding.name);
    return secret == merged.secrets.end() ? std::string() : secret->second;
  }
  if (is_blob_type(binding.type)) {
    const bundle::Module* module =
        view.find(canonical_module_name(json_string(binding.details, "part")));
    return module == nullptr ? std::string() : std::string(module->bytes);
  }
  return {};
}

// The content before code and bindings are filled in.
VersionContent base_content(bool from_latest, const UploadMetadata& metadata,
                            const ScriptState* latest) {
  VersionContent content;
  if (from_latest && latest != nullptr) {
    content = latest->latest.version.content;
  } else {
    content.compatibility_date = kOldestCompatibilityDate;
  }
  metadata.apply_to(content);
  return content;
}

// Moves what belongs to the code, and what its run told, from `checked` into `content`.
void copy_code(const VersionContent& checked, VersionContent& content) {
  content.bundle_id = checked.bundle_id;
  content.etag = checked.etag;
  content.main_module = checked.main_module;
  content.format = checked.format;
  content.handlers = checked.handlers;
  content.named_handlers = checked.named_handlers;
  content.startup_time_ms = checked.startup_time_ms;
  content.code_cache_id = checked.code_cache_id;
}

Answer<void> judge_outcome(const scripts::ScriptChecker::Outcome& outcome) {
  if (!outcome.error.empty()) return fail(refused(outcome.error));
  if (outcome.handlers.empty() && outcome.named_handlers.empty()) {
    return fail(
        ApiError(400, codes::kNoHandlers, "The uploaded script has no registered event handlers"));
  }
  return {};
}

}  // namespace

ApiError ScriptAddress::missing() const {
  if (scope.account_level()) {
    return {404, codes::kScriptMissing, "This Worker does not exist on your account."};
  }
  return {404, codes::kUserScriptMissing,
          "Worker \"" + name.substr(0, 255) + "\" does not exist in this dispatch namespace."};
}

std::string caller_source(const Request& request) {
  return lower_case(request.field("user-agent")).starts_with("wrangler/") ? "wrangler" : "api";
}

Publisher::Publisher(scripts::Registry& registry, scripts::ScriptChecker& checker,
                     BigWork& big_work, UploadRules rules)
    : registry_(registry),
      checker_(checker),
      big_work_(big_work),
      targets_(registry),
      rules_(rules) {}

Answer<Publisher::ReadUpload> Publisher::read_upload(const Request& request, Needs needs) const {
  UploadForm form = TRY(read_upload_form(request, FormSubject::Metadata));
  ReadUpload read;
  if (needs == Needs::MetadataAndCode) {
    if (!form.has_metadata) return fail(malformed("The form has no metadata part"));
    read.metadata = TRY(read_metadata(form.metadata, rules_, wall_now()));
  }
  std::string_view main_part = request.field("cf-worker-main-module-part");
  std::string_view body_part = request.field("cf-worker-body-part");
  if (!main_part.empty()) form.metadata["main_module"] = std::string(main_part);
  if (!body_part.empty()) form.metadata["body_part"] = std::string(body_part);
  EntryPart entry = TRY(read_entry(form.metadata));
  read.code = TRY(build_code(form.parts, entry, rules_));
  return read;
}

Task<Answer<Publisher::ReadUpload>> Publisher::read_upload_aside(const Request& request,
                                                                 Needs needs) {
  auto read = [this, &request, needs] { return read_upload(request, needs); };
  co_return co_await big_work_.run(request.body.size(), read);
}

Task<Answer<scripts::Published>> Publisher::upload(Call& call, ScriptAddress address, Then then) {
  if (auto name = scripts::check_script_name(address.scope, address.name); !name) {
    co_return fail(ApiError(400, codes::kBadScriptName, name.error().message()));
  }
  auto read = co_await read_upload_aside(call.request, Needs::MetadataAndCode);
  CO_CHECK(read);

  Draft draft;
  draft.address = std::move(address);
  draft.code = std::move(read->code);
  draft.metadata = std::move(read->metadata);
  if (draft.metadata.bindings) draft.bindings.requested = *draft.metadata.bindings;
  if (draft.metadata.keep_bindings) {
    draft.bindings.keep = BindingPlan::Keep::ListedTypes;
    draft.bindings.keep_types = *draft.metadata.keep_bindings;
  }
  draft.bindings.strict_inherit = call.query.text("bindings_inherit") == "strict";
  draft.must_exist = then == Then::OnlyUpload;
  draft.annotations = draft.metadata.annotations;
  draft.annotations["workers/triggered_by"] = "upload";
  draft.then = then;
  co_return co_await publish(call, std::move(draft));
}

Task<Answer<Published>> Publisher::replace_content(Call& call, ScriptAddress address) {
  auto read = co_await read_upload_aside(call.request, Needs::Code);
  CO_CHECK(read);

  Draft draft;
  draft.address = std::move(address);
  draft.code = std::move(read->code);
  draft.bindings.keep = BindingPlan::Keep::All;
  draft.from_latest = true;
  draft.must_exist = true;
  draft.needs_latest_deployed = true;  // else settings nobody deployed would go live with the code
  draft.annotations["workers/triggered_by"] = "upload";
  co_return co_await publish(call, std::move(draft));
}

Task<Answer<void>> Publisher::edit_settings(Call& call, ScriptAddress address) {
  auto form = read_upload_form(call.request, FormSubject::Settings);
  CO_CHECK(form);
  if (!form->has_metadata) co_return fail(malformed("The form has no settings part"));
  auto metadata = read_metadata(form->metadata, rules_, wall_now());
  CO_CHECK(metadata);
  auto state = co_await load_existing(address);
  CO_CHECK(state);

  bool needs_version = metadata->bindings || metadata->compatibility_date ||
                       metadata->compatibility_flags || metadata->limits || !metadata->more.empty();
  if (!needs_version) {
    auto edit = [&](scripts::Script& script) -> Result<void> {
      metadata->apply_to(script.settings);
      if (metadata->tags) script.tags = *metadata->tags;
      return {};
    };
    auto updated = co_await registry_.scripts.update(address.scope, address.name, edit);
    CO_CHECK(updated);
    co_return Answer<void>();
  }

  Draft draft;
  draft.address = std::move(address);
  if (metadata->bindings) {
    draft.bindings.requested = *metadata->bindings;
    draft.bindings.strict_inherit = true;
    if (metadata->keep_bindings) {
      draft.bindings.keep = BindingPlan::Keep::ListedTypes;
      draft.bindings.keep_types = *metadata->keep_bindings;
    }
  } else {
    draft.bindings.keep = BindingPlan::Keep::All;
  }
  draft.metadata = *std::move(metadata);
  draft.from_latest = true;
  draft.must_exist = true;
  draft.needs_latest_deployed = true;
  draft.annotations = draft.metadata.annotations;
  draft.annotations["workers/triggered_by"] = "settings";

  // The same code under other settings may fail to start, so it is checked again.
  const VersionContent& content = state->latest.version.content;
  auto bytes = co_await registry_.scripts.load_blob(content.bundle_id);
  CO_CHECK(bytes);
  draft.expected_bundle_id = content.bundle_id;
  draft.code = UploadedCode{std::make_shared<const std::string>(*std::move(bytes)), content.etag,
                            content.main_module, content.format};
  auto published = co_await publish(call, std::move(draft));
  CO_CHECK(published);
  co_return Answer<void>();
}

Task<Answer<Published>> Publisher::change_bindings(Call& call, ScriptAddress address,
                                                   BindingChanges changes, Json annotations,
                                                   Then then) {
  Draft draft;
  draft.address = std::move(address);
  draft.bindings.keep = BindingPlan::Keep::All;
  for (auto& [name, change] : changes) {
    if (change) {
      draft.bindings.requested.push_back(*std::move(change));
    } else {
      draft.bindings.removed.insert(name);
    }
  }
  draft.from_latest = true;
  draft.must_exist = true;
  draft.needs_latest_deployed = then == Then::Deploy;
  draft.annotations = std::move(annotations);
  draft.then = then;
  co_return co_await publish(call, std::move(draft));
}

Task<Answer<Published>> Publisher::publish(Call& call, Draft draft) {
  const ScriptAddress& address = draft.address;
  Answer<void> pinned = co_await load_pinned(draft);
  CO_CHECK(pinned);
  Answer<void> resolved =
      co_await targets_.resolve(address.scope, address.name, draft.bindings.requested);
  CO_CHECK(resolved);
  auto state = co_await registry_.scripts.load_state(address.scope, address.name);
  CO_CHECK(state);
  const ScriptState* current = *state ? &**state : nullptr;
  if (current == nullptr && draft.must_exist) co_return fail(address.missing());

  std::optional<VersionContent> checked;
  if (draft.code) {
    auto content = co_await check_code(draft, current);
    CO_CHECK(content);
    checked = *std::move(content);
  }

  // Runs again when someone else published in between; keeps the precise error for the caller.
  std::optional<ApiError> refusal;
  auto compose_or_refuse = [&](const ScriptState* latest) -> Result<scripts::Publication> {
    Answer<scripts::Publication> publication = compose(call, draft, checked, latest);
    if (publication) return *std::move(publication);
    refusal = std::move(publication.error());
    return fail(invalid_input(refusal->message));
  };
  auto published =
      co_await registry_.scripts.publish_version(address.scope, address.name, compose_or_refuse);
  if (!published) {
    if (refusal) co_return fail(*std::move(refusal));
    co_return fail(ApiError(std::move(published.error())));
  }
  co_return *std::move(published);
}

Task<Answer<VersionContent>> Publisher::check_code(const Draft& draft, const ScriptState* current) {
  const UploadedCode& code = *draft.code;
  VersionContent content = base_content(draft.from_latest, draft.metadata, current);
  auto merged = merge_bindings(draft.bindings, latest_of(current), rules_);
  CO_CHECK(merged);
  Answer<void> blobs = check_blob_bindings(merged->bindings, *code.bundle);
  CO_CHECK(blobs);
  auto view = bundle::BundleView::parse(*code.bundle);
  CO_CHECK(view);

  scripts::ScriptChecker::Request request;
  request.bundle = code.bundle;
  request.compatibility_date = content.compatibility_date;
  request.compatibility_flags = content.compatibility_flags;
  for (const Binding& binding : merged->bindings) {
    request.bindings.push_back(
        {binding.name, binding.type, check_payload(binding, *merged, *view)});
  }
  auto outcome = co_await checker_.check(std::move(request));
  CO_CHECK(outcome);
  Answer<void> judged = judge_outcome(*outcome);
  CO_CHECK(judged);

  content.handlers = std::move(outcome->handlers);
  content.named_handlers.clear();
  for (auto& named : outcome->named_handlers) {
    content.named_handlers.push_back({std::move(named.name), std::move(named.handlers)});
  }
  content.startup_time_ms = outcome->startup_time_ms;
  content.etag = code.etag;
  content.main_module = code.main_module;
  content.format = code.format;
  auto stored = co_await registry_.scripts.store_blob(*code.bundle);
  CO_CHECK(stored);
  content.bundle_id = *std::move(stored);
  content.code_cache_id.clear();
  if (!outcome->code_cache.empty()) {
    auto cache = co_await registry_.scripts.store_blob(std::move(outcome->code_cache));
    CO_CHECK(cache);
    content.code_cache_id = *std::move(cache);
  }
  co_return content;
}

Answer<scripts::Publication> Publisher::compose(const Call& call, const Draft& draft,
                                                const std::optional<VersionContent>& checked,
                                                const ScriptState* latest) const {
  if (latest == nullptr && draft.must_exist) return fail(draft.address.missing());
  if (draft.needs_latest_deployed && !latest_is_deployed(*latest)) {
    return fail(ApiError(400, codes::kNewestNotDeployed,
                         "The latest version of this script is not the deployed one; deploy it "
                         "first, or make a new version"));
  }
  scripts::Publication publication;
  publication.content = base_content(draft.from_latest, draft.metadata, latest);
  if (!draft.expected_bundle_id.empty() &&
      publication.content.bundle_id != draft.expected_bundle_id) {
    return fail(ApiError(409, codes::kConcurrentChange,
                         "Someone else uploaded this script meanwhile; try again"));
  }
  if (checked) copy_code(*checked, publication.content);
  MergedBindings merged = TRY(merge_bindings(draft.bindings, latest_of(latest), rules_));
  publication.content.bindings = std::move(merged.bindings);
  publication.secrets = std::move(merged.secrets);
  publication.source = caller_source(call.request);
  publication.author = call.identity.token.user;
  publication.annotations = draft.annotations;
  if (latest != nullptr) {
    publication.settings = latest->script.settings;
    publication.tags = latest->script.tags;
  } else {
    publication.settings.subdomain_enabled = draft.address.scope.account_level();
  }
  draft.metadata.apply_to(publication.settings);
  if (draft.metadata.tags) publication.tags = *draft.metadata.tags;
  publication.settings.last_deployed_from = publication.source;
  if (draft.then == Then::Deploy) publication.deploy_with_annotations = draft.annotations;
  return publication;
}

Task<Answer<void>> Publisher::load_pinned(Draft& draft) {
  for (const RequestedBinding& requested : draft.bindings.requested) {
    const std::string& id = requested.inherited_version_id;
    if (id.empty() || draft.bindings.pinned.contains(id)) continue;
    auto version = co_await registry_.scripts.load_version_with_secrets(draft.address.scope,
                                                                        draft.address.name, id);
    if (version) {
      draft.bindings.pinned.emplace(id, *std::move(version));
    } else if (version.error().kind() != ErrorKind::NotFound) {
      co_return fail(ApiError(std::move(version.error())));
    }
  }
  co_return Answer<void>();
}

Task<Answer<ScriptState>> Publisher::load_existing(const ScriptAddress& address) {
  auto state = co_await registry_.scripts.load_state(address.scope, address.name);
  CO_CHECK(state);
  if (!*state) co_return fail(address.missing());
  co_return **std::move(state);
}

}  // namespace atoll::management
