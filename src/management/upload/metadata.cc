#include "management/upload/metadata.h"

#include "management/upload/compatibility.h"
#include "scripts/tag_filter.h"

namespace atoll::management {
namespace {

constexpr std::size_t kMaxAnnotationsBytes = 8 * 1024;

ApiError wrong_type(std::string_view member, std::string_view expected) {
  return malformed("metadata " + std::string(member) + " must be " + std::string(expected));
}

Answer<std::optional<std::vector<std::string>>> read_strings(const Json& metadata,
                                                             std::string_view member) {
  const Json& value = json_member(metadata, member);
  if (value.is_null()) return std::nullopt;
  if (!value.is_array()) return fail(wrong_type(member, "an array of strings"));
  std::vector<std::string> strings;
  for (const Json& entry : value) {
    if (!entry.is_string()) return fail(wrong_type(member, "an array of strings"));
    strings.push_back(entry.get<std::string>());
  }
  return strings;
}

Answer<std::optional<unsigned>> read_count(const Json& limits, std::string_view member,
                                           unsigned most) {
  const Json& value = json_member(limits, member);
  if (value.is_null()) return std::nullopt;
  if (!value.is_number_integer() || value.get<std::int64_t>() < 1 ||
      value.get<std::int64_t>() > most) {
    return fail(refused("limits." + std::string(member) + " must be a whole number from 1 to " +
                        std::to_string(most)));
  }
  return static_cast<unsigned>(value.get<std::int64_t>());
}

Answer<std::optional<scripts::Limits>> read_limits(const Json& metadata, const UploadRules& rules) {
  constexpr unsigned kMaxSubrequests = 10'000'000;
  const Json& value = json_member(metadata, "limits");
  if (value.is_null()) return std::nullopt;
  if (!value.is_object()) return fail(wrong_type("limits", "an object"));
  scripts::Limits limits;
  limits.cpu_ms = TRY(read_count(value, "cpu_ms", rules.max_cpu_ms));
  limits.subrequests = TRY(read_count(value, "subrequests", kMaxSubrequests));
  return limits;
}

bool is_absent(const Json& value) {
  return value.is_null() || (value.is_structured() && value.empty());
}

// Running such code without the feature would be worse than not running it.
Answer<void> refuse_missing_features(const Json& metadata) {
  if (!is_absent(json_member(metadata, "migrations"))) {
    return fail(refused(
        "Durable Object migrations are not supported by this server yet; remove `migrations`"));
  }
  if (!is_absent(json_member(metadata, "assets"))) {
    return fail(refused("Static assets are not supported by this server yet; remove `assets`"));
  }
  if (!is_absent(json_member(metadata, "containers"))) {
    return fail(refused("Containers are not supported by this server; remove `containers`"));
  }
  const Json& exports = json_member(metadata, "exports");
  if (!exports.is_object()) return {};
  for (const auto& [name, entry] : exports.items()) {
    std::string type = json_string(entry, "type");
    if (type != "worker") {
      return fail(refused("exports." + name + " has type " + type +
                          ", which this server does not support yet"));
    }
  }
  return {};
}

Answer<void> read_script_settings(const Json& metadata, UploadMetadata& read) {
  const Json& logpush = json_member(metadata, "logpush");
  if (!logpush.is_null()) {
    if (!logpush.is_boolean()) return fail(wrong_type("logpush", "true or false"));
    read.logpush = logpush.get<bool>();
  }
  if (metadata.contains("observability")) {
    const Json& value = metadata["observability"];
    if (!value.is_null() && !value.is_object()) {
      return fail(wrong_type("observability", "an object"));
    }
    read.observability = value;
  }
  if (metadata.contains("tail_consumers")) {
    const Json& value = metadata["tail_consumers"];
    if (!value.is_null() && !value.is_array()) {
      return fail(wrong_type("tail_consumers", "an array"));
    }
    read.tail_consumers = value;
  }
  read.tags = TRY(read_strings(metadata, "tags"));
  if (read.tags) {
    auto checked = scripts::check_tags(*std::move(read.tags));
    if (!checked) return fail(refused(checked.error().message()));
    read.tags = *std::move(checked);
  }
  return {};
}

}  // namespace

Answer<UploadMetadata> read_metadata(const Json& metadata, const UploadRules& rules, WallTime now) {
  if (!metadata.is_object()) return fail(malformed("metadata must be a JSON object"));
  TRY_VOID(refuse_missing_features(metadata));
  UploadMetadata read;
  const Json& bindings = json_member(metadata, "bindings");
  if (!bindings.is_null()) read.bindings = TRY(read_bindings(bindings, rules));
  read.keep_bindings = TRY(read_strings(metadata, "keep_bindings"));
  const Json& date = json_member(metadata, "compatibility_date");
  if (!date.is_null()) {
    if (!date.is_string()) return fail(wrong_type("compatibility_date", "a string"));
    read.compatibility_date = date.get<std::string>();
    TRY_VOID(check_compatibility_date(*read.compatibility_date, now));
  }
  read.compatibility_flags = TRY(read_strings(metadata, "compatibility_flags"));
  if (read.compatibility_flags) {
    TRY_VOID(check_compatibility_flags(*read.compatibility_flags));
  }
  read.limits = TRY(read_limits(metadata, rules));
  TRY_VOID(read_script_settings(metadata, read));
  const Json& annotations = json_member(metadata, "annotations");
  if (!annotations.is_null()) {
    if (!annotations.is_object()) return fail(wrong_type("annotations", "an object"));
    read.annotations = annotations;
  }
  for (std::string_view member : {"placement", "cache_options", "code_update_strategy"}) {
    if (const Json& value = json_member(metadata, member); value.is_object()) {
      read.more[std::string(member)] = value;
    }
  }
  for (const Json* kept : {&read.annotations, &read.more}) {
    if (dump_json(*kept).size() > kMaxAnnotationsBytes) {
      return fail(refused("annotations or placement are larger than 8 KiB"));
    }
  }
  return read;
}

void UploadMetadata::apply_to(scripts::VersionContent& content) const {
  if (compatibility_date) content.compatibility_date = *compatibility_date;
  if (compatibility_flags) content.compatibility_flags = *compatibility_flags;
  if (limits) content.limits = *limits;
  for (const auto& [member, value] : more.items()) content.more[member] = value;
}

void UploadMetadata::apply_to(scripts::ScriptSettings& settings) const {
  if (logpush) settings.logpush = *logpush;
  if (observability) settings.observability = *observability;
  if (tail_consumers) settings.tail_consumers = *tail_consumers;
}

}  // namespace atoll::management
