// Reads a response head as its bytes arrive, and refuses everything that two implementations could
// read in two ways: an origin must not be able to answer requests that it was not asked.
#pragma once

#include <cstddef>
#include <string_view>

#include "http/codec/header_section.h"
#include "http/codec/received_head.h"

namespace atoll::http {

// What was asked decides whether an answer has a body.
enum class AskedMethod { Head, Other };

class ResponseHeadParser {
 public:
  // `limits.url_bytes` bounds the status line. The limits outlive the parser.
  explicit ResponseHeadParser(const HeadLimits& limits) : limits_(&limits) {}

  // As RequestHeadParser::feed(). After Complete or Refused, reset() comes next.
  HeadProgress feed(std::string_view buffer);

  // After Complete: the size of the head, and the head itself (to be taken once).
  std::size_t consumed() const { return at_; }
  ReceivedHead take() { return std::move(head_); }

  // After Refused: a literal that says what is wrong with the answer.
  const char* problem() const { return problem_; }

  void reset(AskedMethod method);

 private:
  HeadProgress refuse(const char* problem);
  HeadProgress read_status_line(std::string_view buffer);
  HeadProgress read_headers(std::string_view buffer);
  bool note_header();  // false when refused
  bool note_content_length(std::string_view value);
  bool note_transfer_encoding(std::string_view value);
  HeadProgress finish();

  const HeadLimits* limits_;
  AskedMethod method_ = AskedMethod::Other;
  bool in_headers_ = false;
  std::size_t at_ = 0;  // everything before is read
  HeaderSection section_;
  ReceivedHead head_;
  const char* problem_ = "";
  bool has_length_ = false;
  bool is_chunked_ = false;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
};

}  // namespace atoll::http
