// Bytes as text: hexadecimal and base64. Bytes are carried in std::string throughout Atoll.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atoll {

std::string hex_encode(std::string_view bytes);  // lower case

std::string base64_encode(std::string_view bytes);
// Accepts missing padding and ASCII white space; nothing for any other stray byte.
std::optional<std::string> base64_decode(std::string_view text);

// Decodes %XX once; nothing for a truncated or non-hexadecimal escape. '+' is left alone.
std::optional<std::string> percent_decode(std::string_view text);

bool is_valid_utf8(std::string_view bytes);

}  // namespace atoll
