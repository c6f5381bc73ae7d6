#include "management/resources/kv_rules.h"

#include <charconv>

#include "base/encoding.h"

namespace atoll::management {
namespace {

ApiError bad_key(std::string_view why) {
  return {400, codes::kKvRefused, "KV key " + std::string(why)};
}

Answer<std::optional<std::int64_t>> read_seconds(const Query& query, std::string_view name) {
  std::optional<std::string> text = query.find(name);
  if (!text || text->empty()) return std::nullopt;
  std::int64_t value = 0;
  auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (problem != std::errc() || end != text->data() + text->size()) {
    return fail(
        malformed("query parameter " + std::string(name) + " must be a whole number of seconds"));
  }
  return value;
}

Answer<std::optional<std::int64_t>> read_seconds(const Json& pair, std::string_view name) {
  const Json& value = json_member(pair, name);
  if (value.is_null()) return std::nullopt;
  if (!value.is_number()) {
    return fail(malformed("`" + std::string(name) + "` must be a number of seconds"));
  }
  double seconds = value.get<double>();
  if (!(seconds > -1e15 && seconds < 1e15)) {
    return fail(malformed("`" + std::string(name) + "` is out of range"));
  }
  return static_cast<std::int64_t>(seconds);
}

}  // namespace

Answer<void> check_kv_key(std::string_view key) {
  if (key.empty()) return fail(bad_key("must not be empty"));
  if (key == "." || key == "..") return fail(bad_key("must not be \".\" or \"..\""));
  if (key.size() > kMaxKvKeyBytes) {
    return fail(bad_key("is " + std::to_string(key.size()) + " bytes; the limit is " +
                        std::to_string(kMaxKvKeyBytes)));
  }
  if (!is_valid_utf8(key)) return fail(bad_key("is not UTF-8"));
  return {};
}

Answer<void> check_kv_value(std::string_view value) {
  if (value.size() <= kMaxKvValueBytes) return {};
  return fail(ApiError(413, codes::kKvRefused,
                       "KV value is " + std::to_string(value.size()) + " bytes; the limit is " +
                           std::to_string(kMaxKvValueBytes)));
}

Answer<std::string> kv_metadata_text(const Json& metadata) {
  if (metadata.is_null()) return std::string();
  std::string text = dump_json(metadata);
  if (text.size() <= kMaxKvMetadataBytes) return text;
  return fail(ApiError(413, codes::kKvRefused,
                       "KV metadata is " + std::to_string(text.size()) +
                           " bytes as JSON; the limit is " + std::to_string(kMaxKvMetadataBytes)));
}

Answer<std::optional<WallTime>> kv_expiry(std::optional<std::int64_t> expiration,
                                          std::optional<std::int64_t> ttl, WallTime now) {
  constexpr std::int64_t kLatest = 253'402'300'799;  // the end of year 9999
  if (!expiration && !ttl) return std::nullopt;
  std::int64_t present = seconds_since_epoch(now);
  std::string name = ttl ? "expiration_ttl" : "expiration";
  if (ttl && *ttl > kLatest) return fail(malformed("`expiration_ttl` is out of range"));
  std::int64_t at = ttl ? present + *ttl : *expiration;
  bool too_soon = ttl ? *ttl < kMinKvTtlSeconds : at < present + kMinKvTtlSeconds;
  if (too_soon || at > kLatest) {
    return fail(ApiError(400, codes::kKvRefused,
                         "Invalid " + name + " of " + std::to_string(ttl ? *ttl : at) +
                             "; it must be at least " + std::to_string(kMinKvTtlSeconds) +
                             " seconds in the future"));
  }
  return WallTime(std::chrono::seconds(at));
}

Answer<std::optional<WallTime>> read_kv_expiry(const Query& query, WallTime now) {
  auto expiration = TRY(read_seconds(query, "expiration"));
  auto ttl = TRY(read_seconds(query, "expiration_ttl"));
  return kv_expiry(expiration, ttl, now);
}

Answer<std::optional<WallTime>> read_kv_expiry(const Json& pair, WallTime now) {
  auto expiration = TRY(read_seconds(pair, "expiration"));
  auto ttl = TRY(read_seconds(pair, "expiration_ttl"));
  return kv_expiry(expiration, ttl, now);
}

std::int64_t seconds_since_epoch(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace atoll::management
