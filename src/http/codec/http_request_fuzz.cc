// However a client's bytes are split, a request and its body are read the same; and what was read
// can be written and read again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/codec/body_decoder.h"
#include "http/codec/request_parser.h"
#include "http/codec/response_head.h"

namespace {

using namespace atoll::http;

const HeadLimits kLimits{.header_bytes = 2048, .header_count = 20, .url_bytes = 256};

struct Reading {
  HeadProgress head_progress = HeadProgress::NeedMore;
  int status = 0;
  std::string reason;
  std::size_t head_size = 0;
  RequestHead head;
  BodyProgress body_progress = BodyProgress::NeedMore;
  std::string body;
  std::size_t body_size = 0;
};

// `splits` gives the sizes of the pieces, again and again; empty is everything at once.
class Pieces {
 public:
  explicit Pieces(std::string_view splits) : splits_(splits) {}
  std::size_t next() {
    if (splits_.empty()) return SIZE_MAX;
    return 1 + static_cast<unsigned char>(splits_[at_++ % splits_.size()]) % 32;
  }

 private:
  std::string_view splits_;
  std::size_t at_ = 0;
};

void read_body(Reading& reading, std::string_view text, Pieces& pieces) {
  BodyDecoder decoder(reading.head.framing, reading.head.content_length);
  while (!decoder.ended() && reading.body_size < text.size()) {
    // A copy of its own, so that reading past a piece is noticed.
    std::string piece(text.substr(reading.body_size, pieces.next()));
    std::string_view rest = piece;
    while (!rest.empty() && !decoder.ended()) {
      BodyStep step = decoder.next(rest);
      CHECK(step.consumed > 0 && step.consumed <= rest.size());
      CHECK((step.progress == BodyProgress::Data) == !step.data.empty());
      reading.body_progress =
          step.progress == BodyProgress::Data ? BodyProgress::NeedMore : step.progress;
      reading.body.append(step.data);
      reading.body_size += step.consumed;
      rest.remove_prefix(step.consumed);
      if (step.progress == BodyProgress::Malformed) return;
    }
  }
}

Reading read(std::string_view text, std::string_view splits) {
  Pieces pieces(splits);
  RequestHeadParser parser(kLimits);
  Reading reading;
  std::size_t size = 0;
  do {
    std::size_t piece = pieces.next();
    size = piece > text.size() - size ? text.size() : size + piece;
    std::string buffer(text.substr(0, size));
    reading.head_progress = parser.feed(buffer);
  } while (reading.head_progress == HeadProgress::NeedMore && size < text.size());

  if (reading.head_progress == HeadProgress::Refused) {
    reading.status = parser.refusal().status;
    reading.reason = parser.refusal().reason;
  } else if (reading.head_progress == HeadProgress::Complete) {
    reading.head_size = parser.consumed();
    reading.head = parser.take();
    read_body(reading, text.substr(reading.head_size), pieces);
  }
  return reading;
}

void check_same(const Reading& a, const Reading& b) {
  CHECK(a.head_progress == b.head_progress);
  CHECK(a.status == b.status && a.reason == b.reason);
  CHECK(a.head_size == b.head_size);
  CHECK(a.head.method == b.head.method && a.head.target == b.head.target);
  CHECK(a.head.headers.raw() == b.head.headers.raw());
  CHECK(a.head.framing == b.head.framing && a.head.content_length == b.head.content_length);
  CHECK(a.head.keep_alive == b.head.keep_alive);
  CHECK(a.head.host() == b.head.host() && a.head.path() == b.head.path());
  CHECK(a.body_progress == b.body_progress);
  CHECK(a.body == b.body && a.body_size == b.body_size);
}

void check_head(const RequestHead& head) {
  auto again = HeaderBlock::parse(std::string(head.headers.raw()));
  CHECK(again && again->size() == head.headers.size());
  HeaderBlock copied;
  std::string lines;
  for (std::size_t i = 0; i < head.headers.size(); ++i) {
    CHECK((*again)[i].name == head.headers[i].name && (*again)[i].value == head.headers[i].value);
    CHECK(copied.append(head.headers[i].name, head.headers[i].value));
    lines.append(head.headers.line(i));
  }
  CHECK(lines == head.headers.raw());
  CHECK(head.minor_version == 0 || !head.host().empty());

  // A Worker may send its request's headers back as its response's: no framing of theirs survives.
  ResponseHead response{.status = 200, .reason = head.target, .headers = std::move(copied)};
  std::string out;
  append_response_head(out, response, {.body_length = 0, .date_line = "Date: x\r\n"});
  CHECK(out.find("\r\n\r\n") == out.size() - 4);
  std::size_t line_end = out.find("\r\n");
  auto written = HeaderBlock::parse(out.substr(line_end + 2, out.size() - line_end - 4));
  CHECK(written && written->find("content-length") == "0");
  CHECK(!written->find("transfer-encoding") && !written->find("connection"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 8192) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::size_t split_count = static_cast<unsigned char>(bytes.back()) % 8;
  bytes.remove_suffix(1);
  std::string_view splits = bytes.substr(bytes.size() - std::min(split_count, bytes.size()));
  std::string_view text = bytes;

  Reading whole = read(text, "");
  check_same(whole, read(text, std::string_view("\0", 1)));  // byte by byte
  if (!splits.empty()) check_same(whole, read(text, splits));
  if (whole.head_progress == HeadProgress::Complete) check_head(whole.head);
  return 0;
}
