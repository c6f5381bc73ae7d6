// The URL a Worker sees, from what the client sent.
#pragma once

#include <optional>
#include <string>

#include "http/codec/request_head.h"

namespace atoll::host {

// "http://host/path?query", normalised by the URL standard. Nothing when it is no URL.
std::optional<std::string> request_url(const http::RequestHead& head);

}  // namespace atoll::host
