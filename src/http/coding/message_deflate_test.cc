#include "http/coding/message_deflate.h"

#include <gtest/gtest.h>

#include "http/websocket/message_reader.h"

namespace atoll::http {
namespace {

constexpr std::size_t kMost = 1 << 20;
constexpr std::string_view kTail("\0\0\xff\xff", 4);

std::string inflate(MessageInflater& inflater, std::string_view compressed, std::size_t piece) {
  std::string out;
  std::string whole(compressed);
  whole += kTail;
  for (std::size_t at = 0; at < whole.size(); at += piece) {
    EXPECT_EQ(inflater.inflate(std::string_view(whole).substr(at, piece), out, kMost),
              MessageInflater::Outcome::Fine);
  }
  return out;
}

TEST(MessageDeflate, GivesBackWhatWentIn) {
  for (int bits : {9, 15}) {
    auto deflater = zlib_message_compression().make_deflater(bits);
    auto inflater = zlib_message_compression().make_inflater();
    for (std::size_t size : {0u, 1u, 100u, 100'000u}) {
      std::string message;
      for (std::size_t i = 0; i < size; ++i) message.push_back(static_cast<char>('a' + i * i % 23));
      std::string compressed = deflater->deflate(message);
      EXPECT_EQ(inflate(*inflater, compressed, SIZE_MAX / 2), message);
    }
    std::string again = deflater->deflate(std::string(1000, 'z'));
    EXPECT_EQ(inflate(*inflater, again, 1), std::string(1000, 'z'));
  }
}

TEST(MessageDeflate, RemembersEarlierMessages) {
  auto deflater = zlib_message_compression().make_deflater(15);
  std::string message;
  for (int i = 0; i < 3000; ++i) message.push_back(static_cast<char>(i * 7919 % 251));
  std::size_t first = deflater->deflate(message).size();
  EXPECT_LT(deflater->deflate(message).size(), first / 4);
}

TEST(MessageDeflate, StopsBombsAndRubbish) {
  auto deflater = zlib_message_compression().make_deflater(15);
  std::string bomb = deflater->deflate(std::string(kMost + 1, 0));
  std::string out;
  auto inflater = zlib_message_compression().make_inflater();
  EXPECT_EQ(inflater->inflate(bomb, out, kMost), MessageInflater::Outcome::TooLarge);
  EXPECT_LE(out.size(), kMost + 1);
  out.clear();
  EXPECT_EQ(zlib_message_compression().make_inflater()->inflate("\xff\xff\xff", out, kMost),
            MessageInflater::Outcome::Malformed);
}

TEST(MessageDeflate, ReadsMessagesThatEndWithAFinalBlock) {
  // RFC 7692, section 7.2.3.4: "Hello" with BFINAL set, then an empty block.
  std::string out;
  auto inflater = zlib_message_compression().make_inflater();
  std::string compressed("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8);
  EXPECT_EQ(inflate(*inflater, compressed, 3), "Hello");
  EXPECT_EQ(inflate(*inflater, compressed, SIZE_MAX / 2), "Hello");
}

}  // namespace
}  // namespace atoll::http
