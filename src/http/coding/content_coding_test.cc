#include "http/coding/content_coding.h"

#include <gtest/gtest.h>

namespace atoll::http {
namespace {

constexpr Coding kAll[] = {Coding::Gzip, Coding::Deflate, Coding::DeflateRaw, Coding::Brotli,
                           Coding::Zstd};

// Runs `input` through in pieces of `piece` bytes, output limited to `most` bytes a step.
Result<std::string> run(Transcoder& transcoder, std::string_view input, std::size_t piece,
                        std::size_t most, bool* ended = nullptr) {
  std::string output;
  bool is_last = false;
  while (!is_last) {
    std::string_view part = input.substr(0, piece);
    input.remove_prefix(part.size());
    is_last = input.empty();
    while (true) {
      std::string some;
      auto step = transcoder.step(part, is_last ? InputPiece::Last : InputPiece::More, some, most);
      if (!step) return fail(std::move(step.error()));
      EXPECT_LE(some.size(), most);
      output += some;
      part.remove_prefix(step->consumed);
      if (step->ended) {
        if (ended != nullptr) *ended = true;
        return output;
      }
      if (!step->output_full) break;
    }
    EXPECT_TRUE(part.empty());
  }
  if (ended != nullptr) *ended = false;
  return output;
}

std::string sample() {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "line " + std::to_string(i * 7919 % 1000) + "\n";
  return text;
}

std::string encoded(Coding coding, std::string_view text) {
  auto encoder = make_encoder(coding, std::nullopt, nullptr);
  return *run(**encoder, text, 1 << 20, 1 << 16);
}

TEST(ContentCoding, what_is_encoded_decodes_to_the_same_whatever_the_pieces) {
  std::string text = sample();
  for (Coding coding : kAll) {
    for (std::size_t piece : {std::size_t{1000}, text.size()}) {
      auto encoder = make_encoder(coding, std::nullopt, nullptr);
      ASSERT_TRUE(encoder);
      bool ended = false;
      auto packed = run(**encoder, text, piece, 100, &ended);
      ASSERT_TRUE(packed);
      EXPECT_TRUE(ended);
      EXPECT_LT(packed->size(), text.size() / 2);

      auto decoder = make_decoder(coding, nullptr);
      ASSERT_TRUE(decoder);
      auto unpacked = run(**decoder, *packed, 7, 1000, &ended);
      ASSERT_TRUE(unpacked);
      EXPECT_TRUE(ended);
      EXPECT_EQ(*unpacked, text);
    }
  }
}

TEST(ContentCoding, nothing_has_an_encoding_too) {
  for (Coding coding : kAll) {
    bool ended = false;
    auto decoder = make_decoder(coding, nullptr);
    EXPECT_EQ(*run(**decoder, encoded(coding, ""), 1, 10, &ended), "");
    EXPECT_TRUE(ended);
  }
}

TEST(ContentCoding, a_flush_makes_everything_so_far_readable) {
  for (Coding coding : kAll) {
    auto encoder = make_encoder(coding, std::nullopt, nullptr);
    std::string packed;
    auto step = (*encoder)->step("so far", InputPiece::Flush, packed, 1000);
    ASSERT_TRUE(step && step->consumed == 6 && !step->output_full);
    auto decoder = make_decoder(coding, nullptr);
    std::string text;
    ASSERT_TRUE((*decoder)->step(packed, InputPiece::More, text, 1000));
    EXPECT_EQ(text, "so far");
  }
}

TEST(ContentCoding, a_decoder_says_where_its_stream_ends) {
  for (Coding coding : kAll) {
    std::string packed = encoded(coding, "payload");
    auto decoder = make_decoder(coding, nullptr);
    std::string text;
    auto step = (*decoder)->step(packed + "tail", InputPiece::Last, text, 1000);
    ASSERT_TRUE(step);
    EXPECT_TRUE(step->ended);
    EXPECT_EQ(step->consumed, packed.size());
  }
}

TEST(ContentCoding, cut_off_input_does_not_end) {
  for (Coding coding : kAll) {
    std::string packed = encoded(coding, sample());
    packed.resize(packed.size() / 2);
    bool ended = true;
    auto decoder = make_decoder(coding, nullptr);
    ASSERT_TRUE(run(**decoder, packed, 1000, 1 << 16, &ended));
    EXPECT_FALSE(ended);
  }
}

TEST(ContentCoding, foreign_bytes_are_refused) {
  for (Coding coding : kAll) {
    auto decoder = make_decoder(coding, nullptr);
    auto text = run(**decoder, std::string(1000, '\xfe'), 1000, 1 << 16);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().kind(), ErrorKind::InvalidInput);
  }
}

TEST(ContentCoding, memory_is_charged_and_given_back) {
  for (Coding coding : kAll) {
    auto account = std::make_shared<js::MemoryAccount>(64 << 20);
    {
      auto encoder = make_encoder(coding, std::nullopt, account);
      std::string packed = *run(**encoder, sample(), 1 << 16, 1 << 16);
      EXPECT_GT(account->used(), 1000u);
      auto decoder = make_decoder(coding, account);
      EXPECT_EQ(*run(**decoder, packed, 1 << 16, 1 << 16), sample());
    }
    EXPECT_EQ(account->used(), 0u);
  }
}

TEST(ContentCoding, a_refused_allocation_is_an_error) {
  for (Coding coding : kAll) {
    auto account = std::make_shared<js::MemoryAccount>(500);
    auto encoder = make_encoder(coding, std::nullopt, account);
    if (encoder) {
      auto packed = run(**encoder, sample(), 1 << 16, 1 << 16);
      ASSERT_FALSE(packed);
      EXPECT_EQ(packed.error().kind(), ErrorKind::LimitReached);
    } else {
      EXPECT_EQ(encoder.error().kind(), ErrorKind::LimitReached);
    }
  }
}

}  // namespace
}  // namespace atoll::http
