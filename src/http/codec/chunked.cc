#include "http/codec/chunked.h"

#include <algorithm>
#include <charconv>

#include "http/codec/text_scan.h"

namespace atoll::http {
namespace {

constexpr unsigned kMaxSizeDigits = 15;

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_value_char(char c) { return find_value_stop({&c, 1}, 0) == 1; }

}  // namespace

BodyStep ChunkedDecoder::next(std::string_view input) {
  std::size_t at = 0;
  while (at < input.size()) {
    if (state_ == State::Data) {
      std::size_t size =
          static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, input.size() - at));
      chunk_left_ -= size;
      data_bytes_ += size;
      if (chunk_left_ == 0) state_ = State::DataReturn;
      return {BodyProgress::Data, at + size, input.substr(at, size)};
    }
    if (!step(input[at++])) return {BodyProgress::Malformed, at, {}};
    if (ended_) return {BodyProgress::End, at, {}};
  }
  return {BodyProgress::NeedMore, at, {}};
}

bool ChunkedDecoder::step(char c) {
  switch (state_) {
    case State::Size:
    case State::MoreSize:
      return step_size(c);
    case State::Extension:
      if (c == '\r') {
        state_ = State::SizeFeed;
        return true;
      }
      return is_value_char(c) && ++extension_bytes_ <= kSpareExtensionBytes + data_bytes_;
    case State::SizeFeed:
      state_ = chunk_left_ == 0 ? State::Trailer : State::Data;
      return c == '\n';
    case State::Data:
      return false;
    case State::DataReturn:
      state_ = State::DataFeed;
      return c == '\r';
    case State::DataFeed:
      state_ = State::Size;
      return c == '\n';
    default:
      return step_trailer(c);
  }
}

bool ChunkedDecoder::step_size(char c) {
  int digit = hex_value(c);
  if (digit >= 0) {
    if (state_ == State::Size) {
      chunk_left_ = 0;
      digits_ = 0;
      state_ = State::MoreSize;
    }
    chunk_left_ = chunk_left_ * 16 + static_cast<unsigned>(digit);
    return ++digits_ <= kMaxSizeDigits;
  }
  if (state_ == State::Size) return false;
  state_ = c == ';' ? State::Extension : State::SizeFeed;
  return c == ';' || c == '\r';
}

bool ChunkedDecoder::step_trailer(char c) {
  if (++trailer_bytes_ > kMaxTrailerBytes) return false;
  switch (state_) {
    case State::Trailer:
      state_ = c == '\r' ? State::LastFeed : State::TrailerName;
      return c == '\r' || is_token_char(c);
    case State::TrailerName:
      if (c == ':') state_ = State::TrailerValue;
      return c == ':' || is_token_char(c);
    case State::TrailerValue:
      if (c == '\r') state_ = State::TrailerFeed;
      return c == '\r' || is_value_char(c);
    case State::TrailerFeed:
      state_ = State::Trailer;
      return c == '\n';
    default:  // LastFeed
      ended_ = true;
      return c == '\n';
  }
}

void append_chunk_size(std::string& out, std::uint64_t size) {
  char digits[16];
  auto end = std::to_chars(digits, digits + sizeof digits, size, 16).ptr;
  out.append(digits, end).append("\r\n");
}

}  // namespace atoll::http
