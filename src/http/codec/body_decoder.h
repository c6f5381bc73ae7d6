// Takes a message body out of the bytes that carry it, whatever the framing.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/codec/chunked.h"
#include "http/codec/received_head.h"
#include "http/codec/request_head.h"

namespace atoll::http {

class BodyDecoder {
 public:
  BodyDecoder() = default;  // no body
  BodyDecoder(BodyFraming framing, std::uint64_t content_length)
      : chunked_framing_(framing == BodyFraming::Chunked),
        left_(framing == BodyFraming::Length ? content_length : 0) {}

  // As ChunkedDecoder::next(). A body of known length ends without further input.
  BodyStep next(std::string_view input);

  bool ended() const { return chunked_framing_ ? ended_ : left_ == 0; }
  bool chunked() const { return chunked_framing_; }
  std::uint64_t bytes_left() const { return left_; }  // known length only

  // Notes that `size` <= bytes_left() body bytes were taken past the decoder. Known length only.
  void skip(std::uint64_t size) { left_ -= size; }

 private:
  bool chunked_framing_ = false;
  bool ended_ = false;
  std::uint64_t left_ = 0;
  ChunkedDecoder decoder_;
};

// For a response with the framing Length or Chunked; any other gives no body.
BodyDecoder response_body_decoder(const ReceivedHead& head);

}  // namespace atoll::http
