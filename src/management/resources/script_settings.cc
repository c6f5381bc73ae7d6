#include "management/resources/script_settings.h"

#include <algorithm>

#include "management/resources/script_place.h"
#include "management/resources/script_views.h"

namespace atoll::management {

void ScriptSettings::add_routes(Router& router) {
  using R = ScriptSettings;
  add_for_scripts(router, "GET", "/settings", this, &R::settings);
  add_for_scripts(router, "PATCH", "/settings", this, &R::edit_settings, 4 * 1024 * 1024);
  add_for_scripts(router, "GET", "/script-settings", this, &R::script_settings);
  add_for_scripts(router, "PATCH", "/script-settings", this, &R::edit_script_settings);
  add_for_scripts(router, "GET", "/tags", this, &R::tags);
  add_for_scripts(router, "PUT", "/tags", this, &R::replace_tags);
  add_for_scripts(router, "PUT", "/tags/{tag}", this, &R::add_tag);
  add_for_scripts(router, "DELETE", "/tags/{tag}", this, &R::remove_tag);
  add_for_scripts(router, "GET", "/schedules", this, &R::schedules);
  add_for_scripts(router, "PUT", "/schedules", this, &R::replace_schedules);
  std::string subdomain_path = std::string(kAccountScript) + "/subdomain";
  router.add("GET", subdomain_path, this, &R::subdomain);
  router.add("POST", subdomain_path, this, &R::change_subdomain);
  router.add("DELETE", subdomain_path, this, &R::disable_subdomain);
}

Task<Answer<scripts::Script>> ScriptSettings::update(Call& call, scripts::Scripts::Edit edit) {
  auto address = co_await locate_script(pieces_.registry, call);
  CO_CHECK(address);
  auto updated =
      co_await pieces_.registry.scripts.update(address->scope, address->name, std::move(edit));
  if (!updated && updated.error().kind() == ErrorKind::NotFound) co_return fail(address->missing());
  CO_CHECK(updated);
  co_return *std::move(updated);
}

Task<Answer<Response>> ScriptSettings::settings(Call& call) {
  auto address = co_await locate_script(pieces_.registry, call);
  CO_CHECK(address);
  auto state = co_await pieces_.registry.scripts.load_state(address->scope, address->name);
  CO_CHECK(state);
  if (!*state) co_return fail(address->missing());
  const scripts::Version& latest = (*state)->latest.version;
  auto shown = co_await pieces_.targets.show(latest.content.bindings);
  CO_CHECK(shown);
  co_return ok(settings_view((*state)->script, latest, *std::move(shown)));
}

Task<Answer<Response>> ScriptSettings::edit_settings(Call& call) {
  auto address = co_await locate_script(pieces_.registry, call);
  CO_CHECK(address);
  auto edited = co_await pieces_.publisher.edit_settings(call, *std::move(address));
  CO_CHECK(edited);
  co_return co_await settings(call);
}

Task<Answer<Response>> ScriptSettings::script_settings(Call& call) {
  auto script = co_await load_script(pieces_.registry, call);
  CO_CHECK(script);
  co_return ok(script_settings_view(*script));
}

Task<Answer<Response>> ScriptSettings::edit_script_settings(Call& call) {
  auto body = json_object_body(call);
  CO_CHECK(body);
  Json subset = Json::object();
  for (const char* member : {"logpush", "observability", "tags", "tail_consumers"}) {
    if (body->contains(member)) subset[member] = (*body)[member];
  }
  auto metadata = read_metadata(subset, pieces_.settings.uploads, wall_now());
  CO_CHECK(metadata);
  auto edit = [&](scripts::Script& script) -> Result<void> {
    metadata->apply_to(script.settings);
    if (metadata->tags) script.tags = *metadata->tags;
    return {};
  };
  auto script = co_await update(call, edit);
  CO_CHECK(script);
  co_return ok(script_settings_view(*script));
}

Task<Answer<Response>> ScriptSettings::tags(Call& call) {
  auto script = co_await load_script(pieces_.registry, call);
  CO_CHECK(script);
  co_return ok(script->tags);
}

Task<Answer<Response>> ScriptSettings::replace_tags(Call& call) {
  auto body = json_body(call);
  CO_CHECK(body);
  std::vector<std::string> tags;
  bool all_strings = body->is_array();
  for (std::size_t i = 0; all_strings && i < body->size(); ++i) {
    all_strings = (*body)[i].is_string();
    if (all_strings) tags.push_back((*body)[i].get<std::string>());
  }
  if (!all_strings) co_return fail(malformed("The request body must be an array of strings"));
  auto checked = scripts::check_tags(std::move(tags));
  if (!checked) co_return fail(malformed(checked.error().message()));
  auto edit = [&](scripts::Script& script) -> Result<void> {
    script.tags = *checked;
    return {};
  };
  auto script = co_await update(call, edit);
  CO_CHECK(script);
  co_return ok(script->tags);
}

Task<Answer<Response>> ScriptSettings::add_tag(Call& call) {
  const std::string& tag = call.parameter("tag");
  std::optional<Error> refusal;
  auto edit = [&](scripts::Script& script) -> Result<void> {
    std::vector<std::string> tags = script.tags;
    tags.push_back(tag);
    auto checked = scripts::check_tags(std::move(tags));
    if (!checked) {
      refusal = checked.error();
      return fail(std::move(checked.error()));
    }
    script.tags = *std::move(checked);
    return {};
  };
  auto script = co_await update(call, edit);
  if (!script && refusal) co_return fail(malformed(refusal->message()));
  CO_CHECK(script);
  co_return ok(script->tags);
}

Task<Answer<Response>> ScriptSettings::remove_tag(Call& call) {
  const std::string& tag = call.parameter("tag");
  auto edit = [&](scripts::Script& script) -> Result<void> {
    std::erase(script.tags, tag);
    return {};
  };
  auto script = co_await update(call, edit);
  CO_CHECK(script);
  co_return ok(nullptr);
}

Task<Answer<Response>> ScriptSettings::subdomain(Call& call) {
  auto script = co_await load_script(pieces_.registry, call);
  CO_CHECK(script);
  co_return ok(subdomain_view(*script));
}

Task<Answer<Response>> ScriptSettings::change_subdomain(Call& call) {
  auto body = json_object_body(call);
  CO_CHECK(body);
  const Json& enabled = json_member(*body, "enabled");
  if (!enabled.is_boolean()) co_return fail(malformed("`enabled` must be true or false"));
  bool on = enabled.get<bool>();
  bool previews = json_bool(*body, "previews_enabled", on);
  auto edit = [&](scripts::Script& script) -> Result<void> {
    script.settings.subdomain_enabled = on;
    script.settings.previews_enabled = previews;
    return {};
  };
  auto script = co_await update(call, edit);
  CO_CHECK(script);
  co_return ok(subdomain_view(*script));
}

Task<Answer<Response>> ScriptSettings::disable_subdomain(Call& call) {
  auto edit = [](scripts::Script& script) -> Result<void> {
    script.settings.subdomain_enabled = false;
    script.settings.previews_enabled = false;
    return {};
  };
  auto script = co_await update(call, edit);
  CO_CHECK(script);
  co_return ok(subdomain_view(*script));
}

Task<Answer<Response>> ScriptSettings::schedules(Call& call) {
  auto script = co_await load_script(pieces_.registry, call);
  CO_CHECK(script);
  const Json& stored = json_member(script->settings.more, "schedules");
  co_return ok({{"schedules", stored.is_array() ? stored : Json::array()}});
}

// A schedule that never fires would be a silent failure, so a non-empty list is refused for as long
// as the platform has no cron.
Task<Answer<Response>> ScriptSettings::replace_schedules(Call& call) {
  auto body = json_body(call);
  CO_CHECK(body);
  if (!body->is_array()) co_return fail(malformed("The request body must be an array of {cron}"));
  if (!body->empty() && !pieces_.settings.uploads.cron_triggers) {
    co_return fail(ApiError(400, codes::kUnsupported,
                            "Cron triggers are not supported by this server yet; remove them from "
                            "the configuration (the Worker itself was deployed)"));
  }
  std::string now = format_rfc3339(wall_now());
  Json schedules = Json::array();
  for (const Json& entry : *body) {
    auto cron = required_string(entry, "cron");
    CO_CHECK(cron);
    schedules.push_back({{"cron", *cron}, {"created_on", now}, {"modified_on", now}});
  }
  auto edit = [&](scripts::Script& script) -> Result<void> {
    script.settings.more["schedules"] = schedules;
    return {};
  };
  auto script = co_await update(call, edit);
  CO_CHECK(script);
  co_return ok({{"schedules", std::move(schedules)}});
}

}  // namespace atoll::management
