// The pages a client sees when no Worker answered.
#pragma once

#include <string>
#include <string_view>

#include "http/codec/response_head.h"
#include "runtime/outcome.h"

namespace atoll::host {

struct Page {
  http::ResponseHead head;
  std::string body;
};

// The numbers and statuses of the contract: 1101 exception, 1102 resource limit, 1019 too many
// hops, 1022 no Worker at this address, 1015 too many requests. The page names the request id,
// which is also in the log.
Page failure_page(const runtime::Failure& failure, std::string_view request_id);
// For whom a host has no time at all. Names no request.
Page overload_page();
// A whole answer as bytes, for all whom a host leaves behind. Names no request.
std::string last_words();
Page no_route_page(std::string_view request_id);

}  // namespace atoll::host
