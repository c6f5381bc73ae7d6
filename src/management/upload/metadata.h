// The `metadata` of an upload (and the `settings` of an edit) as typed values. Members this server
// does not know are ignored: new ones appear with every client release.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "management/api_error.h"
#include "management/upload/bindings.h"
#include "management/upload/upload_rules.h"
#include "scripts/records.h"

namespace atoll::management {

// A member is empty where the caller did not send it.
struct UploadMetadata {
  std::optional<std::vector<RequestedBinding>> bindings;
  std::optional<std::vector<std::string>> keep_bindings;
  std::optional<std::string> compatibility_date;
  std::optional<std::vector<std::string>> compatibility_flags;
  std::optional<scripts::Limits> limits;
  std::optional<bool> logpush;
  std::optional<Json> observability;
  std::optional<Json> tail_consumers;
  std::optional<std::vector<std::string>> tags;
  Json annotations = Json::object();
  Json more = Json::object();  // placement, cache_options, code_update_strategy as they came

  // What a version's content takes from here: dates, flags, limits and `more`.
  void apply_to(scripts::VersionContent& content) const;
  // What the script itself takes.
  void apply_to(scripts::ScriptSettings& settings) const;
};

// 10026 for members of the wrong type, 10021 for values that make no sense, and for features that
// this server does not have (Durable Object migrations, static assets, containers).
Answer<UploadMetadata> read_metadata(const Json& metadata, const UploadRules& rules, WallTime now);

}  // namespace atoll::management
