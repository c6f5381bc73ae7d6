// What HTTP says about keeping a response: RFC 9111, for a shared cache.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "http/codec/header_block.h"

namespace atoll::http {

using HttpTime = std::chrono::system_clock::time_point;

// "Sun, 06 Nov 1994 08:49:37 GMT" and nothing else.
std::optional<HttpTime> parse_http_date(std::string_view text);

// How long the response may be kept. Nothing: it must not be. Where it does not say, what
// Cloudflare's cache does with its status.
std::optional<std::chrono::seconds> freshness(int status, const HeaderBlock& headers, HttpTime now);

// The header, or the part of it, that Cache-Control keeps out of caches by name, such as
// private="Set-Cookie"; in lower case. Those are removed before a response is kept.
bool is_kept_private(const HeaderBlock& headers, std::string_view name);

}  // namespace atoll::http
