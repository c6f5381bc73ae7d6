#include "http/codec/header_section.h"

namespace atoll::http {

HeaderSection::Step HeaderSection::next(std::string_view buffer, const HeadLimits& limits) {
  // Nothing behind the limit is looked at, so that the answer is the same for any split.
  bool clipped = buffer.size() - begin_ >= limits.header_bytes;
  std::string_view text = buffer.substr(begin_, limits.header_bytes);
  std::size_t at = at_ - begin_;
  if (at < text.size() && text[at] == '\r') {
    if (at + 1 < text.size()) {
      if (text[at + 1] != '\n') {
        problem_ = "a carriage return without a line feed";
        return Step::Malformed;
      }
      at_ += 2;
      lines_ = text.substr(0, at);
      return Step::End;
    }
  } else if (at < text.size()) {
    HeaderLine line = read_header_line(text, at);
    if (line.state == HeaderLine::State::Malformed) {
      problem_ = line.problem;
      return Step::Malformed;
    }
    if (line.state == HeaderLine::State::Complete) {
      if (spans_.size() == limits.header_count) return Step::TooMany;
      name_ = text.substr(line.span.name_begin, line.span.name_size);
      value_ = text.substr(line.span.value_begin, line.span.value_size);
      line_ = text.substr(at, line.end - at);
      spans_.push_back(line.span);
      at_ = begin_ + line.end;
      return Step::Line;
    }
  }
  return clipped ? Step::TooLong : Step::NeedMore;
}

bool HeaderSection::has_tabs_around_value() const {
  std::size_t value_begin = static_cast<std::size_t>(value_.data() - line_.data());
  std::string_view before = line_.substr(name_.size(), value_begin - name_.size());
  std::string_view after = line_.substr(value_begin + value_.size());
  return before.contains('\t') || after.contains('\t');
}

}  // namespace atoll::http
