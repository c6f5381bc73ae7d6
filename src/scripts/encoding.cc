#include "scripts/encoding.h"

namespace atoll::scripts {
namespace {

Json to_json(WallTime time) { return time.time_since_epoch().count(); }

std::int64_t number_in(const Json& object, std::string_view member) {
  const Json& value = json_member(object, member);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

WallTime time_in(const Json& object, std::string_view member) {
  return WallTime(std::chrono::milliseconds(number_in(object, member)));
}

Json object_in(const Json& object, std::string_view member) {
  const Json& value = json_member(object, member);
  return value.is_object() ? value : Json::object();
}

std::vector<std::string> texts_in(const Json& object, std::string_view member) {
  std::vector<std::string> texts;
  for (const Json& value : json_member(object, member)) {
    if (value.is_string()) texts.push_back(value.get<std::string>());
  }
  return texts;
}

std::optional<unsigned> limit_in(const Json& object, std::string_view member) {
  if (!json_member(object, member).is_number_integer()) return std::nullopt;
  return static_cast<unsigned>(number_in(object, member));
}

Json to_json(const Author& author) { return {{"id", author.id}, {"email", author.email}}; }
Author author_in(const Json& object, std::string_view member) {
  const Json& value = json_member(object, member);
  return {json_string(value, "id"), json_string(value, "email")};
}

Json to_json(const Limits& limits) {
  Json json = Json::object();
  if (limits.cpu_ms) json["cpu_ms"] = *limits.cpu_ms;
  if (limits.subrequests) json["subrequests"] = *limits.subrequests;
  return json;
}
Limits limits_in(const Json& object, std::string_view member) {
  const Json& value = json_member(object, member);
  return {limit_in(value, "cpu_ms"), limit_in(value, "subrequests")};
}

std::string_view format_name(CodeFormat format) {
  switch (format) {
    case CodeFormat::Modules:
      return "modules";
    case CodeFormat::ServiceWorker:
      return "service_worker";
    case CodeFormat::None:
      return "none";
  }
  return "none";
}
CodeFormat format_in(const Json& object, std::string_view member) {
  std::string name = json_string(object, member);
  if (name == "service_worker") return CodeFormat::ServiceWorker;
  return name == "none" ? CodeFormat::None : CodeFormat::Modules;
}

Json to_json(const std::vector<NamedHandlers>& all) {
  Json json = Json::array();
  for (const NamedHandlers& named : all) {
    json.push_back({{"name", named.name}, {"handlers", named.handlers}});
  }
  return json;
}
std::vector<NamedHandlers> named_handlers_in(const Json& object, std::string_view member) {
  std::vector<NamedHandlers> all;
  for (const Json& value : json_member(object, member)) {
    all.push_back({json_string(value, "name"), texts_in(value, "handlers")});
  }
  return all;
}

Json to_json(const std::vector<Binding>& bindings) {
  Json json = Json::array();
  for (const Binding& binding : bindings) {
    json.push_back({{"name", binding.name}, {"type", binding.type}, {"details", binding.details}});
  }
  return json;
}
std::vector<Binding> bindings_in(const Json& object, std::string_view member) {
  std::vector<Binding> bindings;
  for (const Json& value : json_member(object, member)) {
    bindings.push_back(
        {json_string(value, "name"), json_string(value, "type"), object_in(value, "details")});
  }
  return bindings;
}

Json to_json(const VersionContent& content) {
  return {{"bundle_id", content.bundle_id},
          {"etag", content.etag},
          {"main_module", content.main_module},
          {"format", format_name(content.format)},
          {"bindings", to_json(content.bindings)},
          {"compatibility_date", content.compatibility_date},
          {"compatibility_flags", content.compatibility_flags},
          {"usage_model", content.usage_model},
          {"limits", to_json(content.limits)},
          {"handlers", content.handlers},
          {"named_handlers", to_json(content.named_handlers)},
          {"startup_time_ms", content.startup_time_ms},
          {"code_cache_id", content.code_cache_id},
          {"has_assets", content.has_assets},
          {"more", content.more}};
}
VersionContent content_in(const Json& json) {
  return {.bundle_id = json_string(json, "bundle_id"),
          .etag = json_string(json, "etag"),
          .main_module = json_string(json, "main_module"),
          .format = format_in(json, "format"),
          .bindings = bindings_in(json, "bindings"),
          .compatibility_date = json_string(json, "compatibility_date"),
          .compatibility_flags = texts_in(json, "compatibility_flags"),
          .usage_model = json_string(json, "usage_model", "standard"),
          .limits = limits_in(json, "limits"),
          .handlers = texts_in(json, "handlers"),
          .named_handlers = named_handlers_in(json, "named_handlers"),
          .startup_time_ms = static_cast<unsigned>(number_in(json, "startup_time_ms")),
          .code_cache_id = json_string(json, "code_cache_id"),
          .has_assets = json_bool(json, "has_assets", false),
          .more = object_in(json, "more")};
}

Json to_json(const Deployment& deployment) {
  Json shares = Json::array();
  for (const auto& share : deployment.versions) {
    shares.push_back({{"version_id", share.version_id}, {"percentage", share.percentage}});
  }
  return {{"id", deployment.id},
          {"strategy", deployment.strategy},
          {"versions", shares},
          {"source", deployment.source},
          {"author", to_json(deployment.author)},
          {"annotations", deployment.annotations},
          {"created_on", to_json(deployment.created_on)}};
}
Deployment deployment_in(const Json& json) {
  Deployment deployment{.id = json_string(json, "id"),
                        .strategy = json_string(json, "strategy"),
                        .versions = {},
                        .source = json_string(json, "source"),
                        .author = author_in(json, "author"),
                        .annotations = object_in(json, "annotations"),
                        .created_on = time_in(json, "created_on")};
  for (const Json& share : json_member(json, "versions")) {
    const Json& percentage = json_member(share, "percentage");
    deployment.versions.push_back(
        {json_string(share, "version_id"), percentage.is_number() ? percentage.get<double>() : 0});
  }
  return deployment;
}

Json to_json(const ScriptSettings& settings) {
  return {{"logpush", settings.logpush},
          {"subdomain_enabled", settings.subdomain_enabled},
          {"previews_enabled", settings.previews_enabled},
          {"observability", settings.observability},
          {"tail_consumers", settings.tail_consumers},
          {"last_deployed_from", settings.last_deployed_from},
          {"migration_tag", settings.migration_tag},
          {"more", settings.more}};
}
ScriptSettings settings_in(const Json& json) {
  return {.logpush = json_bool(json, "logpush", false),
          .subdomain_enabled = json_bool(json, "subdomain_enabled", false),
          .previews_enabled = json_bool(json, "previews_enabled", false),
          .observability = json_member(json, "observability"),
          .tail_consumers = json_member(json, "tail_consumers"),
          .last_deployed_from = json_string(json, "last_deployed_from"),
          .migration_tag = json_string(json, "migration_tag"),
          .more = object_in(json, "more")};
}

Json to_json(const Script::Summary& summary) {
  return {{"version_id", summary.version_id},
          {"etag", summary.etag},
          {"handlers", summary.handlers},
          {"named_handlers", to_json(summary.named_handlers)},
          {"compatibility_date", summary.compatibility_date},
          {"compatibility_flags", summary.compatibility_flags},
          {"usage_model", summary.usage_model},
          {"limits", to_json(summary.limits)},
          {"format", format_name(summary.format)},
          {"has_assets", summary.has_assets},
          {"startup_time_ms", summary.startup_time_ms}};
}
Script::Summary summary_in(const Json& json) {
  return {.version_id = json_string(json, "version_id"),
          .etag = json_string(json, "etag"),
          .handlers = texts_in(json, "handlers"),
          .named_handlers = named_handlers_in(json, "named_handlers"),
          .compatibility_date = json_string(json, "compatibility_date"),
          .compatibility_flags = texts_in(json, "compatibility_flags"),
          .usage_model = json_string(json, "usage_model"),
          .limits = limits_in(json, "limits"),
          .format = format_in(json, "format"),
          .has_assets = json_bool(json, "has_assets", false),
          .startup_time_ms = static_cast<unsigned>(number_in(json, "startup_time_ms"))};
}

Json to_json(const Scope& scope) {
  return {{"account_id", scope.account_id}, {"namespace_id", scope.namespace_id}};
}
Scope scope_in(const Json& object, std::string_view member) {
  const Json& value = json_member(object, member);
  return {json_string(value, "account_id"), json_string(value, "namespace_id")};
}

Result<Json> parse_stored(std::string_view text) {
  auto json = parse_json(text);
  if (!json || !json->is_object()) return fail(internal_error("a stored record is damaged"));
  return json;
}

}  // namespace

std::string encode(const Account& account) {
  return dump_json({{"id", account.id},
                    {"name", account.name},
                    {"subdomain", account.subdomain},
                    {"created_on", to_json(account.created_on)},
                    {"settings", account.settings}});
}
template <>
Result<Account> decode(std::string_view text) {
  Json json = TRY(parse_stored(text));
  return Account{.id = json_string(json, "id"),
                 .name = json_string(json, "name"),
                 .subdomain = json_string(json, "subdomain"),
                 .created_on = time_in(json, "created_on"),
                 .settings = object_in(json, "settings")};
}

std::string encode(const ApiToken& token) {
  Json json = {{"id", token.id},
               {"account_id", token.account_id},
               {"name", token.name},
               {"user", to_json(token.user)},
               {"created_on", to_json(token.created_on)}};
  if (token.expires_on) json["expires_on"] = to_json(*token.expires_on);
  return dump_json(json);
}
template <>
Result<ApiToken> decode(std::string_view text) {
  Json json = TRY(parse_stored(text));
  ApiToken token{.id = json_string(json, "id"),
                 .account_id = json_string(json, "account_id"),
                 .name = json_string(json, "name"),
                 .user = author_in(json, "user"),
                 .created_on = time_in(json, "created_on"),
                 .expires_on = {}};
  if (json.contains("expires_on")) token.expires_on = time_in(json, "expires_on");
  return token;
}

std::string encode(const Zone& zone) {
  return dump_json({{"id", zone.id},
                    {"account_id", zone.account_id},
                    {"name", zone.name},
                    {"created_on", to_json(zone.created_on)}});
}
template <>
Result<Zone> decode(std::string_view text) {
  Json json = TRY(parse_stored(text));
  return Zone{json_string(json, "id"), json_string(json, "account_id"), json_string(json, "name"),
              time_in(json, "created_on")};
}

std::string encode(const DispatchNamespace& it) {
  return dump_json({{"id", it.id},
                    {"account_id", it.account_id},
                    {"name", it.name},
                    {"trusted_workers", it.trusted_workers},
                    {"configuration", it.configuration},
                    {"created_on", to_json(it.created_on)},
                    {"modified_on", to_json(it.modified_on)},
                    {"created_by", it.created_by},
                    {"modified_by", it.modified_by}});
}
template <>
Result<DispatchNamespace> decode(std::string_view text) {
  Json json = TRY(parse_stored(text));
  return DispatchNamespace{.id = json_string(json, "id"),
                           .account_id = json_string(json, "account_id"),
                           .name = json_string(json, "name"),
                           .trusted_workers = json_bool(json, "trusted_workers", false),
                           .configuration = object_in(json, "configuration"),
                           .created_on = time_in(json, "created_on"),
                           .modified_on = time_in(json, "modified_on"),
                           .created_by = json_string(json, "created_by"),
                           .modified_by = json_string(json, "modified_by")};
}

std::string encode(const KvNamespace& it) {
  return dump_json({{"id", it.id}, {"account_id", it.account_id}, {"title", it.title}});
}
template <>
Result<KvNamespace> decode(std::string_view text) {
  Json json = TRY(parse_stored(text));
  return KvNamespace{json_string(json, "id"), json_string(json, "account_id"),
                     json_string(json, "title")};
}

std::string encode(const Version& version) {
  return dump_json({{"id", version.id},
                    {"number", version.number},
                    {"created_on", to_json(version.created_on)},
                    {"source", version.source},
                    {"author", to_json(version.author)},
                    {"annotations", version.annotations},
                    {"content", to_json(version.content)}});
}
template <>
Result<Version> decode(std::string_view text) {
  Json json = TRY(parse_stored(text));
  return Version{.id = json_string(json, "id"),
                 .number = static_cast<unsigned>(number_in(json, "number")),
                 .created_on = time_in(json, "created_on"),
                 .source = json_string(json, "source"),
                 .author = author_in(json, "author"),
                 .annotations = object_in(json, "annotations"),
                 .content = content_in(json_member(json, "content"))};
}

std::string encode(const Secrets& secrets) {
  Json json = Json::object();
  for (const auto& [name, text] : secrets) json[name] = text;
  return dump_json(json);
}
template <>
Result<Secrets> decode(std::string_view text) {
  Json json = TRY(parse_stored(text));
  Secrets secrets;
  for (const auto& [name, value] : json.items()) {
    if (value.is_string()) secrets[name] = value.get<std::string>();
  }
  return secrets;
}

std::string encode(const Deployment& deployment) { return dump_json(to_json(deployment)); }
template <>
Result<Deployment> decode(std::string_view text) {
  return deployment_in(TRY(parse_stored(text)));
}

std::string encode(const StoredScript& stored) {
  const Script& script = stored.script;
  Json json = {{"scope", to_json(script.scope)},
               {"name", script.name},
               {"tag", script.tag},
               {"tags", script.tags},
               {"settings", to_json(script.settings)},
               {"created_on", to_json(script.created_on)},
               {"modified_on", to_json(script.modified_on)},
               {"latest_version_id", script.latest_version_id},
               {"latest_version_number", script.latest_version_number},
               {"summary", to_json(script.summary)},
               {"deployments_made", stored.deployments_made}};
  if (script.active) json["active"] = to_json(*script.active);
  return dump_json(json);
}
template <>
Result<StoredScript> decode(std::string_view text) {
  Json json = TRY(parse_stored(text));
  StoredScript stored;
  stored.deployments_made = static_cast<std::uint64_t>(number_in(json, "deployments_made"));
  Script& script = stored.script;
  script.scope = scope_in(json, "scope");
  script.name = json_string(json, "name");
  script.tag = json_string(json, "tag");
  script.tags = texts_in(json, "tags");
  script.settings = settings_in(json_member(json, "settings"));
  script.created_on = time_in(json, "created_on");
  script.modified_on = time_in(json, "modified_on");
  script.latest_version_id = json_string(json, "latest_version_id");
  script.latest_version_number = static_cast<unsigned>(number_in(json, "latest_version_number"));
  script.summary = summary_in(json_member(json, "summary"));
  if (json.contains("active")) script.active = deployment_in(json["active"]);
  return stored;
}

std::string encode(const Route& route) {
  return dump_json({{"id", route.id},
                    {"zone_id", route.zone_id},
                    {"account_id", route.account_id},
                    {"pattern", route.pattern},
                    {"script", route.script}});
}
template <>
Result<Route> decode(std::string_view text) {
  Json json = TRY(parse_stored(text));
  return Route{json_string(json, "id"), json_string(json, "zone_id"),
               json_string(json, "account_id"), json_string(json, "pattern"),
               json_string(json, "script")};
}

std::string encode(const CustomDomain& domain) {
  return dump_json({{"id", domain.id},
                    {"account_id", domain.account_id},
                    {"hostname", domain.hostname},
                    {"script", domain.script},
                    {"environment", domain.environment},
                    {"zone_id", domain.zone_id},
                    {"zone_name", domain.zone_name},
                    {"enabled", domain.enabled},
                    {"previews_enabled", domain.previews_enabled}});
}
template <>
Result<CustomDomain> decode(std::string_view text) {
  Json json = TRY(parse_stored(text));
  return CustomDomain{.id = json_string(json, "id"),
                      .account_id = json_string(json, "account_id"),
                      .hostname = json_string(json, "hostname"),
                      .script = json_string(json, "script"),
                      .environment = json_string(json, "environment"),
                      .zone_id = json_string(json, "zone_id"),
                      .zone_name = json_string(json, "zone_name"),
                      .enabled = json_bool(json, "enabled", true),
                      .previews_enabled = json_bool(json, "previews_enabled", false)};
}

std::string encode(const Pointer& pointer) {
  return dump_json({{"scope", to_json(pointer.scope)}, {"name", pointer.name}});
}
template <>
Result<Pointer> decode(std::string_view text) {
  Json json = TRY(parse_stored(text));
  return Pointer{scope_in(json, "scope"), json_string(json, "name")};
}

std::string encode(const EgressPolicy& policy) {
  return dump_json({{"scope", to_json(policy.scope)},
                    {"script", policy.script},
                    {"policy", policy.policy},
                    {"modified_on", to_json(policy.modified_on)}});
}
template <>
Result<EgressPolicy> decode(std::string_view text) {
  Json json = TRY(parse_stored(text));
  return EgressPolicy{scope_in(json, "scope"), json_string(json, "script"),
                      object_in(json, "policy"), time_in(json, "modified_on")};
}

}  // namespace atoll::scripts
