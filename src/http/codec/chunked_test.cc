#include "http/codec/chunked.h"

#include <gtest/gtest.h>

#include <optional>

#include "http/codec/body_decoder.h"

namespace atoll::http {
namespace {

struct Decoded {
  BodyProgress progress = BodyProgress::NeedMore;
  std::string data;
  std::size_t consumed = 0;
};

Decoded decode(std::string_view text, std::size_t piece) {
  ChunkedDecoder decoder;
  Decoded result;
  while (result.consumed < text.size()) {
    std::string copy(text.substr(result.consumed, piece));
    std::string_view rest = copy;
    while (!rest.empty()) {
      BodyStep step = decoder.next(rest);
      result.progress = step.progress;
      result.data.append(step.data);
      result.consumed += step.consumed;
      rest.remove_prefix(step.consumed);
      if (step.progress == BodyProgress::End || step.progress == BodyProgress::Malformed) {
        return result;
      }
    }
  }
  return result;
}

Decoded decode_every_way(std::string_view text) {
  Decoded whole = decode(text, text.size());
  for (std::size_t piece : {1, 2, 3, 7}) {
    Decoded pieces = decode(text, piece);
    EXPECT_EQ(whole.progress == BodyProgress::End, pieces.progress == BodyProgress::End) << text;
    EXPECT_EQ(whole.progress == BodyProgress::Malformed, pieces.progress == BodyProgress::Malformed)
        << text;
    EXPECT_EQ(whole.data, pieces.data) << text;
    EXPECT_EQ(whole.consumed, pieces.consumed) << text;
  }
  return whole;
}

TEST(ChunkedDecoder, JoinsChunksAndStopsAtTheEnd) {
  std::string text = "4\r\nWiki\r\n0A\r\n0123456789\r\n0\r\n\r\nGET / HTTP/1.1";
  Decoded decoded = decode_every_way(text);
  EXPECT_EQ(decoded.progress, BodyProgress::End);
  EXPECT_EQ(decoded.data, "Wiki0123456789");
  EXPECT_EQ(text.substr(decoded.consumed), "GET / HTTP/1.1");
}

TEST(ChunkedDecoder, ReadsAndDropsExtensionsAndTrailers) {
  Decoded decoded =
      decode_every_way("3;a=b;c=\"d e\"\r\nabc\r\n000;x\r\nChecksum: 1\r\nEmpty:\r\n\r\n");
  EXPECT_EQ(decoded.progress, BodyProgress::End);
  EXPECT_EQ(decoded.data, "abc");
}

TEST(ChunkedDecoder, RefusesWhateverIsNotExactlyTheCoding) {
  for (std::string_view text : {
           "\r\n",
           ";\r\n",
           "g\r\n",
           "-1\r\n",
           "+1\r\n",
           "0x3\r\nabc\r\n",
           " 3\r\nabc\r\n",
           "3 \r\nabc\r\n",
           "3\nabc\r\n",
           "3\r\nabcd\r\n",
           "3\r\nabc\n0\r\n\r\n",
           "3\r\nabc0\r\n",
           "3\r\rabc\r\n",
           "3;a\nb\r\nabc\r\n",
           "3;\x01\r\nabc\r\n",
           "1000000000000000\r\n",
           "fffffffffffffffff\r\n",
           "0000000000000003\r\nabc\r\n",
           "0\r\nA : 1\r\n\r\n",
           "0\r\n folded\r\n\r\n",
           "0\r\n: 1\r\n\r\n",
           "0\r\nA: 1\n\r\n",
           "0\r\nA: \x01\r\n\r\n",
           "0\r\nA\r\n\r\n",
           "0\r\n\rX",
           "0\r\n\n",
       }) {
    EXPECT_EQ(decode_every_way(text).progress, BodyProgress::Malformed) << text;
  }
}

TEST(ChunkedDecoder, LimitsTrailersAndExtensions) {
  std::string trailers = "0\r\n";
  while (trailers.size() < ChunkedDecoder::kMaxTrailerBytes) trailers += "Name: value\r\n";
  EXPECT_EQ(decode(trailers + "\r\n", trailers.size()).progress, BodyProgress::Malformed);

  std::string extensions;
  for (int i = 0; i < 2000; ++i) extensions += "1;0123456789\r\nx\r\n";
  EXPECT_EQ(decode(extensions, extensions.size()).progress, BodyProgress::Malformed);

  std::string signed_chunks;  // as some upload clients send them
  for (int i = 0; i < 2000; ++i) {
    signed_chunks += "64;signature=0123456789abcdef\r\n" + std::string(100, 'x') + "\r\n";
  }
  Decoded decoded = decode(signed_chunks + "0\r\n\r\n", 1000);
  EXPECT_EQ(decoded.progress, BodyProgress::End);
  EXPECT_EQ(decoded.data.size(), 200'000u);
}

TEST(ChunkedEncoder, WritesWhatTheDecoderReads) {
  std::string out;
  for (std::string_view chunk : {"a", "0123456789abcdef", "z"}) {
    append_chunk_size(out, chunk.size());
    out.append(chunk).append(kChunkEnd);
  }
  out.append(kLastChunk);
  EXPECT_EQ(out, "1\r\na\r\n10\r\n0123456789abcdef\r\n1\r\nz\r\n0\r\n\r\n");
  EXPECT_EQ(decode_every_way(out).data, "a0123456789abcdefz");
}

TEST(BodyDecoder, CountsABodyOfKnownLengthDown) {
  BodyDecoder decoder(BodyFraming::Length, 5);
  EXPECT_EQ(decoder.next("").progress, BodyProgress::NeedMore);
  EXPECT_EQ(decoder.next("abc").data, "abc");
  EXPECT_FALSE(decoder.ended());
  BodyStep step = decoder.next("defgh");
  EXPECT_EQ(step.data, "de");
  EXPECT_EQ(step.consumed, 2u);
  EXPECT_TRUE(decoder.ended());
  EXPECT_EQ(decoder.next("").progress, BodyProgress::End);
  EXPECT_TRUE(BodyDecoder().ended());
}

}  // namespace
}  // namespace atoll::http
