// Digests and comparisons that leak nothing. Home of OpenSSL in the supervisor.
// Functions are pure and may be called from any thread.
#pragma once

#include <string>
#include <string_view>

namespace atoll::crypto {

std::string sha256(std::string_view bytes);      // 32 bytes
std::string sha256_hex(std::string_view bytes);  // 64 lower-case hexadecimal digits

// Whether both are equal, in time that depends on their lengths only.
bool constant_time_equal(std::string_view left, std::string_view right);

}  // namespace atoll::crypto
