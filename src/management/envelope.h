// The JSON frame around every answer: success, errors, messages, result, result_info.
#pragma once

#include "base/json.h"
#include "management/request.h"

namespace atoll::management {

Json failure_envelope(Json error);

// 200 with `result`. Without result_info none is sent.
Response ok(Json result);
Response ok(Json result, Json result_info);

}  // namespace atoll::management
