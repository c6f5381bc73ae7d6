// JSON documents: home of nlohmann-json. Objects keep the order their members were added in.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/result.h"

namespace atoll {

using Json = nlohmann::ordered_json;

// Fails with InvalidInput; the message tells the byte offset. Refuses more than 256 levels.
Result<Json> parse_json(std::string_view text);

// Compact text; invalid UTF-8 is replaced, never thrown.
std::string dump_json(const Json& value);

// The member if `object` is an object that has it with that type, otherwise `fallback`.
std::string json_string(const Json& object, std::string_view member, std::string fallback = {});
bool json_bool(const Json& object, std::string_view member, bool fallback);
// Null when absent. Valid as long as `object` lives.
const Json& json_member(const Json& object, std::string_view member);

}  // namespace atoll
