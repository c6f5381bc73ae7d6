// Decoders for what V8 cannot decode itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atoll::webapi {

// https://encoding.spec.whatwg.org/#shared-utf-16-decoder on complete input. flags are DecodeFlags.
// Nothing: the bytes are malformed and kFatal is set.
std::optional<std::u16string> decode_utf16(std::string_view bytes, std::uint32_t flags);

// `encoding` is a lower-case name of the standard other than UTF-8, UTF-16 and "replacement".
// Without kFlush, `pending` is set to the number of bytes at the end that were held back: give them
// again before the next ones.
std::optional<std::u16string> decode_legacy(const std::string& encoding, std::string_view bytes,
                                            std::uint32_t flags, std::uint32_t& pending);

}  // namespace atoll::webapi
