// Compresses answers on their way to clients that accept it, as an edge in front of Workers does.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "async/byte_source.h"
#include "http/codec/response_head.h"
#include "http/coding/content_coding.h"
#include "js/memory_account.h"

namespace atoll::http {

// What the client likes best of br and gzip, br where it likes both alike; nothing if neither is
// named. A weight that is none counts as 0.
std::optional<Coding> preferred_coding(std::string_view accept_encoding);

// Whether bodies of that type get smaller: texts, JSON, scripts, fonts and the like. Events of a
// stream (text/event-stream) do not count: they are small, and shall arrive at once.
bool is_compressible(std::string_view content_type);

// For the answers of one host; on its thread.
class ResponseCompression {
 public:
  // Answers whose length is known and below `least_bytes` are left alone, all of them for 0.
  // Compressors at work share `memory_bytes`; answers beyond go out as they are. `loop` outlives
  // every body.
  ResponseCompression(boost::asio::io_context& loop, std::size_t least_bytes,
                      std::size_t memory_bytes);

  using Body = std::variant<std::monostate, std::string, std::unique_ptr<ByteSource>>;

  bool is_on() const { return least_bytes_ > 0; }
  // Puts the body into coded form and says so in the head, if it is an answer of the kind for which
  // that may be done and pays. Nothing that already has a coding is touched, nor what is a part of
  // something, nor what forbids it (Cache-Control: no-transform).
  void apply(ResponseHead& head, Body& body, Coding coding);

 private:
  boost::asio::io_context& loop_;
  std::size_t least_bytes_;
  std::shared_ptr<js::MemoryAccount> memory_;
};

}  // namespace atoll::http
