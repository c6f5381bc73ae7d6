// https://encoding.spec.whatwg.org/#iso-2022-jp-decoder: ICU recovers from malformed bytes
// otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atoll::webapi {

// As decode_legacy() (decode.h) for iso-2022-jp.
std::optional<std::u16string> decode_iso_2022_jp(std::string_view bytes, std::uint32_t flags,
                                                 std::uint32_t& pending);

}  // namespace atoll::webapi
