// SHA-1, for the one place that still asks for it: the opening handshake of WebSockets, where it is
// no protection but a sign of having understood.
#pragma once

#include <string>
#include <string_view>

namespace atoll::http {

std::string sha1(std::string_view bytes);  // 20 bytes

}  // namespace atoll::http
