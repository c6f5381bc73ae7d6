#include "http/codec/header_block.h"

#include <algorithm>

#include "http/codec/text_scan.h"

namespace atoll::http {
namespace {

constexpr std::size_t kMaxBlockBytes = 1u << 30;  // offsets are 32 bits wide

HeaderLine malformed(const char* problem) {
  return {.state = HeaderLine::State::Malformed, .problem = problem};
}

}  // namespace

HeaderLine read_header_line(std::string_view text, std::size_t begin) {
  const HeaderLine need_more{.state = HeaderLine::State::NeedMore};
  std::size_t at = begin;
  while (at < text.size() && is_token_char(text[at])) ++at;
  if (at == text.size()) return need_more;
  if (text[at] != ':') {
    return malformed(at == begin && is_blank(text[at]) ? "a folded header line"
                                                       : "a header name that is not a token");
  }
  if (at == begin) return malformed("an empty header name");
  std::size_t name_end = at++;

  while (at < text.size() && is_blank(text[at])) ++at;
  std::size_t value_begin = at;
  std::size_t stop = find_value_stop(text, at);
  if (stop == text.size()) return need_more;
  if (text[stop] != '\r') return malformed("a control character in a header value");
  if (stop + 1 == text.size()) return need_more;
  if (text[stop + 1] != '\n') return malformed("a carriage return without a line feed");

  std::size_t value_end = stop;
  while (value_end > value_begin && is_blank(text[value_end - 1])) --value_end;
  return {.state = HeaderLine::State::Complete,
          .span = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(name_end - begin),
                   static_cast<std::uint32_t>(value_begin),
                   static_cast<std::uint32_t>(value_end - value_begin)},
          .end = stop + 2};
}

std::optional<HeaderBlock> HeaderBlock::parse(std::string lines) {
  if (lines.size() > kMaxBlockBytes) return std::nullopt;
  HeaderBlock block;
  for (std::size_t at = 0; at < lines.size();) {
    HeaderLine line = read_header_line(lines, at);
    if (line.state != HeaderLine::State::Complete) return std::nullopt;
    block.spans_.push_back(line.span);
    at = line.end;
  }
  block.raw_ = std::move(lines);
  return block;
}

bool HeaderBlock::append(std::string_view name, std::string_view value) {
  value = trim_blanks(value);
  if (!is_token(name) || find_value_stop(value, 0) != value.size()) return false;
  if (raw_.size() + name.size() + value.size() + 4 > kMaxBlockBytes) return false;
  auto begin = static_cast<std::uint32_t>(raw_.size());
  auto name_size = static_cast<std::uint32_t>(name.size());
  raw_.append(name).append(": ").append(value).append("\r\n");
  spans_.push_back(
      {begin, name_size, begin + name_size + 2, static_cast<std::uint32_t>(value.size())});
  return true;
}

bool HeaderBlock::set(std::string_view name, std::string_view value) {
  HeaderBlock added;  // first, so that a refused value removes nothing
  if (!added.append(name, value)) return false;
  remove(name);
  return append(added[0].name, added[0].value);
}

void HeaderBlock::remove(std::string_view name_to_remove) {
  std::string name(name_to_remove);  // it may be a view into this very block
  for (std::size_t i = spans_.size(); i-- > 0;) {
    if (!equals_ignoring_case((*this)[i].name, name)) continue;
    auto size = static_cast<std::uint32_t>(line(i).size());
    raw_.erase(spans_[i].name_begin, size);
    spans_.erase(spans_.begin() + static_cast<std::ptrdiff_t>(i));
    for (std::size_t later = i; later < spans_.size(); ++later) {
      spans_[later].name_begin -= size;
      spans_[later].value_begin -= size;
    }
  }
}

std::optional<std::string_view> HeaderBlock::find(std::string_view name) const {
  for (const FieldSpan& span : spans_) {
    if (span.name_size != name.size()) continue;
    if (!equals_ignoring_case({raw_.data() + span.name_begin, span.name_size}, name)) continue;
    return std::string_view(raw_.data() + span.value_begin, span.value_size);
  }
  return std::nullopt;
}

HeaderBlock::Field HeaderBlock::operator[](std::size_t index) const {
  const FieldSpan& span = spans_[index];
  return {{raw_.data() + span.name_begin, span.name_size},
          {raw_.data() + span.value_begin, span.value_size}};
}

std::string_view HeaderBlock::line(std::size_t index) const {
  std::size_t begin = spans_[index].name_begin;
  std::size_t end = index + 1 < spans_.size() ? spans_[index + 1].name_begin : raw_.size();
  return std::string_view(raw_).substr(begin, end - begin);
}

}  // namespace atoll::http
