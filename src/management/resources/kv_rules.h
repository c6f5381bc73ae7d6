// What Workers KV accepts: keys, values, metadata, expiry, sizes of bulk requests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "management/api_error.h"
#include "management/request.h"

namespace atoll::management {

inline constexpr std::size_t kMaxKvKeyBytes = 512;
inline constexpr std::size_t kMaxKvValueBytes = 25 * 1024 * 1024;
inline constexpr std::size_t kMaxKvMetadataBytes = 1024;
inline constexpr std::int64_t kMinKvTtlSeconds = 60;
inline constexpr std::size_t kMaxKvBulkPairs = 10'000;
inline constexpr std::size_t kMaxKvBulkBytes = 100 * 1024 * 1024;
inline constexpr std::size_t kMaxKvBulkGetKeys = 100;

// Not empty, not "." or "..", UTF-8, at most kMaxKvKeyBytes.
Answer<void> check_kv_key(std::string_view key);

Answer<void> check_kv_value(std::string_view value);

// JSON text of `metadata` for the store; empty for null.
Answer<std::string> kv_metadata_text(const Json& metadata);

// Of an absolute time and a time to live, in seconds; the latter wins. Either must be at least
// kMinKvTtlSeconds ahead.
Answer<std::optional<WallTime>> kv_expiry(std::optional<std::int64_t> expiration,
                                          std::optional<std::int64_t> ttl, WallTime now);

// Query parameters or JSON members `expiration` and `expiration_ttl`.
Answer<std::optional<WallTime>> read_kv_expiry(const Query& query, WallTime now);
Answer<std::optional<WallTime>> read_kv_expiry(const Json& pair, WallTime now);

std::int64_t seconds_since_epoch(WallTime time);

}  // namespace atoll::management
