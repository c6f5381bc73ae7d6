#include "http/codec/body_decoder.h"

#include <algorithm>

namespace atoll::http {

BodyStep BodyDecoder::next(std::string_view input) {
  if (chunked_framing_) {
    BodyStep step = decoder_.next(input);
    if (step.progress == BodyProgress::End) ended_ = true;
    return step;
  }
  if (left_ == 0) return {BodyProgress::End, 0, {}};
  if (input.empty()) return {BodyProgress::NeedMore, 0, {}};
  auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
  left_ -= size;
  return {BodyProgress::Data, size, input.substr(0, size)};
}

BodyDecoder response_body_decoder(const ReceivedHead& head) {
  if (head.framing == ResponseFraming::Chunked) return {BodyFraming::Chunked, 0};
  if (head.framing == ResponseFraming::Length) return {BodyFraming::Length, head.content_length};
  return {};
}

}  // namespace atoll::http
