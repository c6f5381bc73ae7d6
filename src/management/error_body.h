// The one place where failures become HTTP answers.
#pragma once

#include "management/api_error.h"
#include "management/request.h"

namespace atoll::management {

// The envelope of a failure. Final conflicts tell clients not to retry.
Response error_response(const ApiError& error);

}  // namespace atoll::management
