// Reading typed records. Private to this room.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scripts/change.h"
#include "scripts/encoding.h"

namespace atoll::scripts {

// Nothing where there is none.
template <typename Value>
Task<Result<std::optional<Value>>> load_record(store::MetaStore& meta, std::string key) {
  auto text = co_await load(meta, std::move(key));
  CO_CHECK(text);
  if (!*text) co_return std::nullopt;
  auto value = decode<Value>(**text);
  CO_CHECK(value);
  co_return std::move(*value);
}

// Every record below the prefix, in the order of their keys.
template <typename Value>
Task<Result<std::vector<Value>>> load_all(store::MetaStore& meta, std::string prefix) {
  auto records = co_await scan_all(meta, std::move(prefix));
  CO_CHECK(records);
  std::vector<Value> values;
  for (const auto& record : *records) {
    auto value = decode<Value>(record.value);
    CO_CHECK(value);
    values.push_back(std::move(*value));
  }
  co_return values;
}

}  // namespace atoll::scripts
