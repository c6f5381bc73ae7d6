// Checks text that arrives in pieces: a wrong byte is found at once, not only at the message's end.
#pragma once

#include <cstdint>
#include <string_view>

namespace atoll::http {

class Utf8Check {
 public:
  // False from the first byte on that no valid text can contain there.
  bool feed(std::string_view bytes);
  // Whether the text may end here: not within a character.
  bool at_boundary() const { return missing_ == 0; }
  void reset() { *this = Utf8Check(); }

 private:
  // What the next byte of an unfinished character may be.
  std::uint8_t lowest_ = 0x80;
  std::uint8_t highest_ = 0xbf;
  std::uint8_t missing_ = 0;
};

}  // namespace atoll::http
