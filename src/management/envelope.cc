#include "management/envelope.h"

#include <utility>

namespace atoll::management {

Json failure_envelope(Json error) {
  Json errors = Json::array();
  errors.push_back(std::move(error));
  Json envelope = Json::object();
  envelope["success"] = false;
  envelope["errors"] = std::move(errors);
  envelope["messages"] = Json::array();
  envelope["result"] = nullptr;
  return envelope;
}

Response ok(Json result) { return ok(std::move(result), Json()); }

Response ok(Json result, Json result_info) {
  Json envelope = Json::object();
  envelope["success"] = true;
  envelope["errors"] = Json::array();
  envelope["messages"] = Json::array();
  envelope["result"] = std::move(result);
  if (!result_info.is_null()) envelope["result_info"] = std::move(result_info);
  Response response;
  response.body = dump_json(envelope);
  return response;
}

}  // namespace atoll::management
