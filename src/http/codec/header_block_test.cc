#include "http/codec/header_block.h"

#include <gtest/gtest.h>

#include "http/codec/text_scan.h"

namespace atoll::http {
namespace {

TEST(HeaderBlock, KeepsRepeatedNamesApartAndInOrder) {
  HeaderBlock block;
  ASSERT_TRUE(block.append("Set-Cookie", "a=1"));
  ASSERT_TRUE(block.append("X", "  padded\t"));
  ASSERT_TRUE(block.append("set-cookie", "b=2"));
  EXPECT_EQ(block.raw(), "Set-Cookie: a=1\r\nX: padded\r\nset-cookie: b=2\r\n");
  EXPECT_EQ(block.size(), 3u);
  EXPECT_EQ(block.find("SET-COOKIE"), "a=1");
  EXPECT_EQ(block.line(1), "X: padded\r\n");
  std::string names;
  for (HeaderBlock::Field field : block) names.append(field.name).append(" ");
  EXPECT_EQ(names, "Set-Cookie X set-cookie ");
}

TEST(HeaderBlock, CannotBeMadeToHoldASecondLineInAValue) {
  HeaderBlock block;
  EXPECT_FALSE(block.append("X", "a\r\nSet-Cookie: evil=1"));
  EXPECT_FALSE(block.append("X", "a\nb"));
  EXPECT_FALSE(block.append("X", "a\rb"));
  EXPECT_FALSE(block.append("X", std::string_view("a\0b", 3)));
  EXPECT_FALSE(block.append("X\r\nY", "a"));
  EXPECT_FALSE(block.append("X:", "a"));
  EXPECT_FALSE(block.append("", "a"));
  EXPECT_FALSE(block.append("X Y", "a"));
  EXPECT_TRUE(block.empty());
  EXPECT_EQ(block.raw(), "");
}

TEST(HeaderBlock, RemovesAndReplacesEveryFieldOfAName) {
  auto block = HeaderBlock::parse("A: 1\r\nB:  2 \r\na: 3\r\nC: 4\r\n");
  ASSERT_TRUE(block);
  block->remove("a");
  EXPECT_EQ(block->raw(), "B:  2 \r\nC: 4\r\n");
  EXPECT_EQ(block->find("b"), "2");
  EXPECT_EQ(block->find("c"), "4");
  ASSERT_TRUE(block->set("b", *block->find("c")));
  EXPECT_EQ(block->raw(), "C: 4\r\nb: 4\r\n");
  EXPECT_FALSE(block->set("c", "x\ny"));
  EXPECT_EQ(block->find("c"), "4");
}

TEST(HeaderBlock, IsParsedStrictlyFromLines) {
  EXPECT_TRUE(HeaderBlock::parse(""));
  EXPECT_FALSE(HeaderBlock::parse("A: 1"));
  EXPECT_FALSE(HeaderBlock::parse("A: 1\n"));
  EXPECT_FALSE(HeaderBlock::parse("A: 1\r\n\r\n"));
  EXPECT_FALSE(HeaderBlock::parse("A: 1\r\n b\r\n"));
  EXPECT_FALSE(HeaderBlock::parse("A : 1\r\n"));
}

TEST(TextScan, FindsEachStoppingByteAtEachPlaceOfALongText) {
  for (int byte = 0; byte < 256; ++byte) {
    char c = static_cast<char>(byte);
    bool stops_value = (byte < 32 && byte != '\t') || byte == 127;
    bool stops_target = byte <= 32 || byte == 127 || byte == '#';
    for (std::size_t place = 0; place < 40; ++place) {
      std::string text(40, 'x');
      text[place] = c;
      ASSERT_EQ(find_value_stop(text, 0), stops_value ? place : 40) << byte;
      ASSERT_EQ(find_target_stop(text, 0), stops_target ? place : 40) << byte;
    }
  }
  EXPECT_EQ(find_value_stop(std::string("\n") + std::string(30, 'y'), 1), 31u);
}

TEST(TextScan, FindsTokensInCommaSeparatedLists) {
  EXPECT_TRUE(list_has_token("close", "close"));
  EXPECT_TRUE(list_has_token(" a ,\tCLOSE , b", "close"));
  EXPECT_FALSE(list_has_token("closed, not-close", "close"));
  EXPECT_FALSE(list_has_token("", "close"));
}

}  // namespace
}  // namespace atoll::http
