#include "management/resources/script_views.h"

#include <algorithm>

namespace atoll::management {
namespace {

Json limits_view(const scripts::Limits& limits) {
  Json view = Json::object();
  if (limits.cpu_ms) view["cpu_ms"] = *limits.cpu_ms;
  if (limits.subrequests) view["subrequests"] = *limits.subrequests;
  return view;
}

Json named_handlers_view(const std::vector<scripts::NamedHandlers>& named_handlers) {
  Json view = Json::array();
  for (const auto& named : named_handlers) {
    view.push_back({{"name", named.name}, {"handlers", named.handlers}});
  }
  return view;
}

Json observability_view(const scripts::ScriptSettings& settings) {
  return settings.observability.is_object() ? settings.observability : Json{{"enabled", false}};
}

Json tail_consumers_view(const scripts::ScriptSettings& settings) {
  return settings.tail_consumers.is_array() ? settings.tail_consumers : Json::array();
}

}  // namespace

Json script_record(const scripts::Script& script) {
  const scripts::Script::Summary& summary = script.summary;
  Json record = Json::object();
  record["id"] = script.name;
  record["tag"] = script.tag;
  record["tags"] = script.tags;
  record["etag"] = summary.etag;
  record["handlers"] = summary.handlers;
  record["named_handlers"] = named_handlers_view(summary.named_handlers);
  record["created_on"] = format_rfc3339(script.created_on);
  record["modified_on"] = format_rfc3339(script.modified_on);
  record["usage_model"] = summary.usage_model;
  record["compatibility_date"] = summary.compatibility_date;
  record["compatibility_flags"] = summary.compatibility_flags;
  record["limits"] = limits_view(summary.limits);
  record["has_modules"] = summary.format == scripts::CodeFormat::Modules;
  record["has_assets"] = summary.has_assets;
  record["logpush"] = script.settings.logpush;
  record["observability"] = observability_view(script.settings);
  record["tail_consumers"] = tail_consumers_view(script.settings);
  record["last_deployed_from"] = script.settings.last_deployed_from;
  record["startup_time_ms"] = summary.startup_time_ms;
  if (!script.settings.migration_tag.empty()) {
    record["migration_tag"] = script.settings.migration_tag;
  }
  return record;
}

Json upload_answer(const scripts::Published& published) {
  const scripts::VersionContent& content = published.version.content;
  Json answer = script_record(published.script);
  answer["etag"] = content.etag;
  answer["handlers"] = content.handlers;
  answer["named_handlers"] = named_handlers_view(content.named_handlers);
  answer["startup_time_ms"] = content.startup_time_ms;
  answer["entry_point"] = content.main_module;
  std::string id = published.version.id;
  id.erase(std::remove(id.begin(), id.end(), '-'), id.end());
  answer["deployment_id"] = id;
  return answer;
}

Json service_record(const scripts::Script& script) {
  Json environment = Json::object();
  environment["environment"] = "production";
  environment["created_on"] = format_rfc3339(script.created_on);
  environment["modified_on"] = format_rfc3339(script.modified_on);
  Json service = Json::object();
  service["id"] = script.name;
  service["default_environment"] = environment;
  service["default_environment"]["script"] = script_record(script);
  service["environments"] = Json::array({environment});
  service["created_on"] = environment["created_on"];
  service["modified_on"] = environment["modified_on"];
  return service;
}

Json version_view(const scripts::Script& script, const scripts::Version& version, Json bindings) {
  const scripts::VersionContent& content = version.content;
  std::string created = format_rfc3339(version.created_on);
  Json runtime = Json::object();
  runtime["compatibility_date"] = content.compatibility_date;
  runtime["compatibility_flags"] = content.compatibility_flags;
  runtime["usage_model"] = content.usage_model;
  runtime["limits"] = limits_view(content.limits);
  if (!script.settings.migration_tag.empty()) {
    runtime["migration_tag"] = script.settings.migration_tag;
  }
  Json code = Json::object();
  code["etag"] = content.etag;
  code["handlers"] = content.handlers;
  code["named_handlers"] = named_handlers_view(content.named_handlers);
  code["last_deployed_from"] = version.source;
  Json view = Json::object();
  view["id"] = version.id;
  view["number"] = version.number;
  view["metadata"] = {{"created_on", created},
                      {"modified_on", created},
                      {"source", version.source},
                      {"author_id", version.author.id},
                      {"author_email", version.author.email},
                      {"hasPreview", false}};
  view["annotations"] = version.annotations;
  view["resources"] = {{"bindings", std::move(bindings)},
                       {"script", std::move(code)},
                       {"script_runtime", std::move(runtime)}};
  view["startup_time_ms"] = content.startup_time_ms;
  return view;
}

Json deployment_view(const scripts::Deployment& deployment) {
  Json versions = Json::array();
  for (const auto& share : deployment.versions) {
    Json entry = {{"version_id", share.version_id}};
    auto whole = static_cast<int>(share.percentage);
    if (whole == share.percentage) {
      entry["percentage"] = whole;
    } else {
      entry["percentage"] = share.percentage;
    }
    versions.push_back(std::move(entry));
  }
  Json view = Json::object();
  view["id"] = deployment.id;
  view["source"] = deployment.source;
  view["strategy"] = deployment.strategy;
  view["author_email"] = deployment.author.email;
  view["annotations"] = deployment.annotations;
  view["created_on"] = format_rfc3339(deployment.created_on);
  view["versions"] = std::move(versions);
  return view;
}

Json settings_view(const scripts::Script& script, const scripts::Version& latest, Json bindings) {
  const scripts::VersionContent& content = latest.content;
  const Json& placement = json_member(content.more, "placement");
  Json view = Json::object();
  view["bindings"] = std::move(bindings);
  view["compatibility_date"] = content.compatibility_date;
  view["compatibility_flags"] = content.compatibility_flags;
  view["limits"] = limits_view(content.limits);
  view["logpush"] = script.settings.logpush;
  view["migrations"] = nullptr;
  view["observability"] = observability_view(script.settings);
  view["placement"] = placement.is_object() ? placement : Json::object();
  view["tags"] = script.tags;
  view["tail_consumers"] = tail_consumers_view(script.settings);
  view["usage_model"] = content.usage_model;
  view["annotations"] = latest.annotations;
  view["exports"] = Json::object();
  return view;
}

Json script_settings_view(const scripts::Script& script) {
  Json view = Json::object();
  view["logpush"] = script.settings.logpush;
  view["observability"] = observability_view(script.settings);
  view["tags"] = script.tags;
  view["tail_consumers"] = tail_consumers_view(script.settings);
  return view;
}

Json worker_view(const Settings& settings, const scripts::Account& account,
                 const scripts::Script& script) {
  std::string hostname = settings.hostname_of ? settings.hostname_of(account, script.name)
                                              : script.name + "." + settings.domain;
  std::string port = settings.public_port == 0 ? "" : ":" + std::to_string(settings.public_port);
  Json references = Json::object();
  for (const char* kind :
       {"dispatch_namespace_outbounds", "domains", "durable_objects", "queues", "workers"}) {
    references[kind] = Json::array();
  }
  Json view = Json::object();
  view["id"] = script.tag;
  view["name"] = script.name;
  view["created_on"] = format_rfc3339(script.created_on);
  view["updated_on"] = format_rfc3339(script.modified_on);
  view["deployed_on"] =
      script.active ? Json(format_rfc3339(script.active->created_on)) : Json(nullptr);
  view["logpush"] = script.settings.logpush;
  view["observability"] = observability_view(script.settings);
  view["tags"] = script.tags;
  view["tail_consumers"] = tail_consumers_view(script.settings);
  view["references"] = std::move(references);
  view["subdomain"] = subdomain_view(script);
  view["subdomain"]["url"] = settings.public_scheme + "://" + hostname + port;
  view["subdomain"]["preview_url_suffix"] = "-" + hostname + port;
  return view;
}

Json subdomain_view(const scripts::Script& script) {
  return {{"enabled", script.settings.subdomain_enabled},
          {"previews_enabled", script.settings.previews_enabled}};
}

}  // namespace atoll::management
