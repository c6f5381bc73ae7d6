// The functions of simdutf that Atoll uses, as the Node binary exports them (no header ships with
// it). https://github.com/simdutf/simdutf documents them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace simdutf {

enum class error_code : int {
  SUCCESS = 0
};  // other values name the first problem; only success is looked for

struct result {
  error_code error;
  std::size_t count;  // on success the number of units written, else the position of the problem
};

enum base64_options : std::uint64_t { base64_default = 0, base64_url = 1 };

enum last_chunk_handling_options : std::uint64_t {
  loose = 0
};  // padding may be missing, as atob() allows

bool validate_ascii(const char* text, std::size_t length) noexcept;
bool validate_utf8(const char* text, std::size_t length) noexcept;
bool validate_utf16(const char16_t* text, std::size_t length) noexcept;

std::size_t utf8_length_from_latin1(const char* text, std::size_t length) noexcept;
std::size_t convert_latin1_to_utf8(const char* text, std::size_t length, char* utf8) noexcept;

// Input must be valid; the converters for valid input return the number of units written.
std::size_t utf8_length_from_utf16(const char16_t* text, std::size_t length) noexcept;
std::size_t convert_valid_utf16_to_utf8(const char16_t* text, std::size_t length,
                                        char* utf8) noexcept;
std::size_t utf16_length_from_utf8(const char* text, std::size_t length) noexcept;
std::size_t convert_valid_utf8_to_utf16(const char* text, std::size_t length,
                                        char16_t* utf16) noexcept;

std::size_t base64_length_from_binary(std::size_t length, base64_options options) noexcept;
std::size_t binary_to_base64(const char* bytes, std::size_t length, char* base64,
                             base64_options options) noexcept;
// ASCII whitespace is skipped. The output has room for maximal_binary_length_from_base64() bytes.
std::size_t maximal_binary_length_from_base64(const char* base64, std::size_t length) noexcept;
result base64_to_binary(const char* base64, std::size_t length, char* bytes, base64_options options,
                        last_chunk_handling_options last_chunk) noexcept;

}  // namespace simdutf
