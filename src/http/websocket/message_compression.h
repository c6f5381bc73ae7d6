// permessage-deflate (RFC 7692) as a WebSocket needs it; the zlib behind it comes from outside,
// since each program has its own.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace atoll::http {

// What was agreed with the peer, seen from this side.
struct DeflateAgreement {
  bool keeps_own_context = false;   // messages we send refer to earlier ones
  bool keeps_peer_context = false;  // messages we receive refer to earlier ones
  int own_window_bits = 15;         // 9 to 15
};

class MessageInflater {
 public:
  virtual ~MessageInflater() = default;
  enum class Outcome { Fine, Malformed, TooLarge };
  // Appends what `compressed` becomes to `out`, which may not grow beyond `max_size`.
  virtual Outcome inflate(std::string_view compressed, std::string& out, std::size_t max_size) = 0;
};

class MessageDeflater {
 public:
  virtual ~MessageDeflater() = default;
  // One whole message, without the four bytes 00 00 FF FF at its end.
  virtual std::string deflate(std::string_view message) = 0;
};

class MessageCompression {
 public:
  virtual ~MessageCompression() = default;
  // Each with an empty context; null when memory is short.
  virtual std::unique_ptr<MessageInflater> make_inflater() = 0;
  virtual std::unique_ptr<MessageDeflater> make_deflater(int window_bits) = 0;
};

}  // namespace atoll::http
