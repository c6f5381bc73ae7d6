#include "management/resources/resource.h"

namespace atoll::management {

Answer<Json> json_body(const Call& call) {
  auto body = parse_json(call.request.body);
  if (!body) return fail(malformed("Could not read the request body: " + body.error().message()));
  return *std::move(body);
}

Answer<Json> json_object_body(const Call& call) {
  Json body = TRY(json_body(call));
  if (!body.is_object()) return fail(malformed("The request body must be a JSON object"));
  return body;
}

Answer<std::string> required_string(const Json& object, std::string_view member) {
  std::string value = json_string(object, member);
  if (value.empty()) {
    return fail(malformed("The request body needs a string `" + std::string(member) + "`"));
  }
  return value;
}

}  // namespace atoll::management
