// Reads a request head as its bytes arrive, and refuses everything that two implementations could
// read in two ways.
#pragma once

#include <cstddef>
#include <string_view>

#include "http/codec/header_section.h"
#include "http/codec/request_head.h"

namespace atoll::http {

// Why a request cannot be served. `reason` is a string literal, fit for the client to read.
struct Refusal {
  int status = 0;
  const char* reason = "";
};

class RequestHeadParser {
 public:
  explicit RequestHeadParser(const HeadLimits& limits) : limits_(&limits) {}  // outlives the parser

  // `buffer` holds the head from its first byte on and everything after it that has arrived; each
  // call must repeat the bytes of the call before, which may lie elsewhere by now. The answer does
  // not depend on how the bytes were split. After Complete or Refused, reset() comes next.
  HeadProgress feed(std::string_view buffer);

  // After Complete: the size of the head, and the head itself (to be taken once).
  std::size_t consumed() const { return at_; }
  RequestHead take() { return std::move(head_); }

  // After Refused.
  Refusal refusal() const { return refusal_; }

  void reset();

 private:
  enum class Stage { RequestLine, Headers };

  HeadProgress refuse(int status, const char* reason);
  HeadProgress read_request_line(std::string_view buffer);
  HeadProgress read_version(std::string_view buffer, std::size_t at);
  HeadProgress check_target();
  HeadProgress read_headers(std::string_view buffer);
  HeadProgress note_header();
  HeadProgress note_content_length(std::string_view value);
  HeadProgress note_transfer_encoding(std::string_view value);
  HeadProgress finish();

  const HeadLimits* limits_;
  Stage stage_ = Stage::RequestLine;
  std::size_t at_ = 0;  // everything before is read
  HeaderSection section_;
  RequestHead head_;
  Refusal refusal_;
  bool has_host_ = false;
  bool has_length_ = false;
  bool asks_close_ = false;
  bool asks_keep_alive_ = false;
};

}  // namespace atoll::http
