// However an origin's bytes are split, a response and its body are read the same.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/codec/body_decoder.h"
#include "http/codec/response_parser.h"

namespace {

using namespace atoll::http;

const HeadLimits kLimits{.header_bytes = 2048, .header_count = 20, .url_bytes = 256};

struct Reading {
  HeadProgress progress = HeadProgress::NeedMore;
  std::string problem;
  std::size_t head_size = 0;
  ReceivedHead head;
  BodyProgress body_progress = BodyProgress::NeedMore;
  std::string body;
  std::size_t body_size = 0;
};

void read_body(Reading& reading, std::string_view text, std::size_t piece_size) {
  BodyDecoder decoder = response_body_decoder(reading.head);
  while (!decoder.ended() && reading.body_size < text.size()) {
    std::string piece(text.substr(reading.body_size, piece_size));
    std::string_view rest = piece;
    while (!rest.empty() && !decoder.ended()) {
      BodyStep step = decoder.next(rest);
      CHECK(step.consumed > 0 && step.consumed <= rest.size());
      reading.body_progress =
          step.progress == BodyProgress::Data ? BodyProgress::NeedMore : step.progress;
      reading.body.append(step.data);
      reading.body_size += step.consumed;
      rest.remove_prefix(step.consumed);
      if (step.progress == BodyProgress::Malformed) return;
    }
  }
}

Reading read(std::string_view text, AskedMethod method, std::size_t piece_size) {
  ResponseHeadParser parser(kLimits);
  parser.reset(method);
  Reading reading;
  std::size_t size = 0;
  do {
    size = piece_size > text.size() - size ? text.size() : size + piece_size;
    std::string buffer(text.substr(0, size));  // a copy, so that reading past it is noticed
    reading.progress = parser.feed(buffer);
  } while (reading.progress == HeadProgress::NeedMore && size < text.size());
  if (reading.progress == HeadProgress::Refused) {
    reading.problem = parser.problem();
  } else if (reading.progress == HeadProgress::Complete) {
    reading.head_size = parser.consumed();
    reading.head = parser.take();
    if (reading.head.framing == ResponseFraming::Length ||
        reading.head.framing == ResponseFraming::Chunked) {
      read_body(reading, text.substr(reading.head_size), piece_size);
    }
  }
  return reading;
}

void check_same(const Reading& a, const Reading& b) {
  CHECK(a.progress == b.progress);
  CHECK(a.problem == b.problem);
  CHECK(a.head_size == b.head_size);
  CHECK(a.head.status == b.head.status && a.head.reason == b.head.reason);
  CHECK(a.head.headers.raw() == b.head.headers.raw());
  CHECK(a.head.framing == b.head.framing && a.head.content_length == b.head.content_length);
  CHECK(a.head.keep_alive == b.head.keep_alive);
  CHECK(a.body_progress == b.body_progress);
  CHECK(a.body == b.body && a.body_size == b.body_size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 8192) return 0;
  std::string_view text(reinterpret_cast<const char*>(data), size - 1);
  AskedMethod method = data[size - 1] % 2 == 0 ? AskedMethod::Other : AskedMethod::Head;
  Reading whole = read(text, method, SIZE_MAX);
  check_same(whole, read(text, method, 1));
  check_same(whole, read(text, method, 1 + data[size - 1] / 2));
  if (whole.progress == HeadProgress::Complete) {
    auto again = HeaderBlock::parse(std::string(whole.head.headers.raw()));
    CHECK(again && again->size() == whole.head.headers.size());
  }
  return 0;
}
