// Strict parser of multipart/form-data (RFC 7578). Parts are views into the body: nothing is copied
// but names. Binary-safe, and linear in the size of the body.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace atoll::management {

struct FormPart {
  std::string name;
  std::optional<std::string> filename;
  std::string content_type;  // as sent; empty when absent
  std::string_view body;     // lives as long as the parsed text
};

struct MultipartLimits {
  std::size_t max_parts = 5000;
  std::size_t max_part_head_bytes = 8 * 1024;
};

// InvalidInput names the part (counted from 1) and what is wrong with it. Only CRLF line ends, a
// closing delimiter, and nothing but blank lines around the parts are accepted.
Result<std::vector<FormPart>> parse_multipart(std::string_view body, std::string_view boundary,
                                              const MultipartLimits& limits = {});

// Of a Content-Type field; nothing unless it is multipart/form-data with a usable boundary.
std::optional<std::string> multipart_boundary(std::string_view content_type);

// For bodies that travel under another content type: the boundary of the first line, when the body
// starts like a form.
std::optional<std::string> sniff_multipart_boundary(std::string_view body);

}  // namespace atoll::management
