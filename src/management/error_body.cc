#include "management/error_body.h"

#include "management/envelope.h"

namespace atoll::management {
namespace {

struct StatusAndCode {
  unsigned status;
  unsigned code;
};

StatusAndCode of_kind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidInput:
      return {400, codes::kMalformedBody};
    case ErrorKind::NotFound:
      return {404, codes::kUnknownPath};
    case ErrorKind::Conflict:
      return {409, codes::kConcurrentChange};
    case ErrorKind::LimitReached:
      return {400, codes::kKvRefused};
    case ErrorKind::Unavailable:
      return {503, codes::kUnavailable};
    case ErrorKind::Denied:
      return {403, codes::kAuthentication};
    case ErrorKind::Internal:
      return {500, codes::kInternal};
  }
  return {500, codes::kInternal};
}

}  // namespace

ApiError::ApiError(Error error)
    : status(of_kind(error.kind()).status),
      code(of_kind(error.kind()).code),
      message(error.message()) {}

Response error_response(const ApiError& error) {
  std::string message = error.message.empty() ? "Unknown error" : error.message;
  // Such messages name files and addresses of ours.
  if (error.status == 500) message = "An internal error occurred; the server's log has the details";
  Json entry = {{"code", error.code}, {"message", std::move(message)}};
  if (!error.meta.is_null()) entry["meta"] = error.meta;
  Response response;
  response.status = error.status;
  response.body = dump_json(failure_envelope(std::move(entry)));
  // The SDK repeats a 409; only a lost race is worth repeating.
  if (error.status == 409 && error.code != codes::kConcurrentChange) {
    response.fields.push_back({"x-should-retry", "false"});
  }
  if (error.status == 429 || error.status == 503) response.fields.push_back({"retry-after", "1"});
  return response;
}

}  // namespace atoll::management
