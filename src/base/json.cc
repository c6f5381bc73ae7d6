#include "base/json.h"

namespace atoll {

Result<Json> parse_json(std::string_view text) {
  constexpr int kMaxDepth = 256;
  bool too_deep = false;
  auto watch_depth = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > kMaxDepth) too_deep = true;
    return !too_deep;
  };
  try {
    Json value = Json::parse(text, watch_depth);
    if (too_deep) return fail(invalid_input("JSON is nested more than 256 levels deep"));
    return value;
  } catch (const Json::parse_error& error) {
    return fail(invalid_input("JSON is malformed at byte " + std::to_string(error.byte)));
  } catch (const Json::exception& error) {
    return fail(invalid_input(std::string("JSON is malformed: ") + error.what()));
  }
}

std::string dump_json(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json& json_member(const Json& object, std::string_view member) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  auto found = object.find(member);
  return found == object.end() ? kNull : *found;
}

std::string json_string(const Json& object, std::string_view member, std::string fallback) {
  const Json& value = json_member(object, member);
  return value.is_string() ? value.get<std::string>() : std::move(fallback);
}

bool json_bool(const Json& object, std::string_view member, bool fallback) {
  const Json& value = json_member(object, member);
  return value.is_boolean() ? value.get<bool>() : fallback;
}

}  // namespace atoll
