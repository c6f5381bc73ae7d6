// What requests and responses have in common: the lines between the first one and the body.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "http/codec/header_block.h"

namespace atoll::http {

struct HeadLimits {
  std::size_t header_bytes = 128 * 1024;  // all header lines and the blank line: else 431
  std::size_t header_count = 256;         // else 431
  std::size_t url_bytes = 16 * 1024;      // the request target: else 414
};

enum class HeadProgress { NeedMore, Complete, Refused };

// The header lines of a head as they arrive, and the blank line behind them.
class HeaderSection {
 public:
  enum class Step {
    Line,       // name(), value() and so on are those of a further line
    End,        // the blank line is there; lines() are all lines
    NeedMore,   // more bytes have to arrive
    Malformed,  // problem() says how
    TooLong,    // over limits.header_bytes
    TooMany,    // over limits.header_count
  };

  // The lines begin at `begin` of the buffer.
  void start(std::size_t begin) {
    begin_ = at_ = begin;
    spans_.clear();
    spans_.reserve(kUsualCount);
  }

  // `buffer` as of RequestHeadParser::feed(). The answer does not depend on how the bytes were
  // split.
  Step next(std::string_view buffer, const HeadLimits& limits);

  // After Line, until the buffer moves.
  std::string_view name() const { return name_; }
  std::string_view value() const { return value_; }
  // Whether tabs stand around the value. The standard allows them, some implementations do not take
  // them for blanks, so what decides over framing or address must not have them.
  bool has_tabs_around_value() const;

  const char* problem() const { return problem_; }

  // After End.
  std::size_t end() const { return at_; }  // just behind the blank line
  std::string_view lines() const { return lines_; }
  std::vector<FieldSpan> take_spans() { return std::move(spans_); }  // counted from start()

 private:
  static constexpr std::size_t kUsualCount = 16;

  std::size_t begin_ = 0;
  std::size_t at_ = 0;  // everything before is read
  std::vector<FieldSpan> spans_;
  std::string_view name_;
  std::string_view value_;
  std::string_view line_;
  std::string_view lines_;
  const char* problem_ = "";
};

}  // namespace atoll::http
