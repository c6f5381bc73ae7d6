// What of a stored response answers a request: all of it, a range, or only that it has not changed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "http/codec/header_block.h"

namespace atoll::http {

struct Selection {
  int status = 200;       // the stored one, or 206, 304, 416
  std::size_t begin = 0;  // of the stored body
  std::size_t size = 0;
};

// By If-None-Match, If-Modified-Since and Range with If-Range: RFC 9110, 13 and 14. A Range with
// several ranges, or of another unit, is answered with everything.
Selection select(const HeaderBlock& request, int status, const HeaderBlock& stored,
                 std::size_t size);

}  // namespace atoll::http
