// Room at the end of a string for a library to write into.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

namespace atoll::http {

// Grows `output` by up to `most` bytes, lets `write(begin, room)` fill a part of it, and cuts off
// the rest. `write` returns the number of bytes written and is called once.
template <typename Write>
void append_with(std::string& output, std::size_t most, Write write) {
  std::size_t before = output.size();
  output.resize_and_overwrite(before + most, [&](char* begin, std::size_t) {
    return before + write(begin + before, most);
  });
}

}  // namespace atoll::http
