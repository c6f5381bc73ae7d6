#include "webapi/encoding/decode.h"

#include <gtest/gtest.h>

#include "webapi/encoding/encoding_natives.h"
#include "webapi/encoding/labels.h"

namespace atoll::webapi {
namespace {

using namespace std::string_view_literals;

std::u16string decoded(const std::string& encoding, std::string_view bytes) {
  std::uint32_t pending = 0;
  return decode_legacy(encoding, bytes, kFlush, pending).value_or(u"malformed");
}

TEST(Labels, AreFoundWhateverTheirCaseAndTheSpaceAroundThem) {
  EXPECT_EQ(encoding_of_label("utf8"), "utf-8");
  EXPECT_EQ(encoding_of_label("\t Latin1\n"), "windows-1252");
  EXPECT_EQ(encoding_of_label("SHIFT_JIS"), "shift_jis");
  EXPECT_EQ(encoding_of_label("hz-gb-2312"), "replacement");
}

TEST(Labels, PartsAndPairsOfLabelsAreNone) {
  EXPECT_EQ(encoding_of_label(""), "");
  EXPECT_EQ(encoding_of_label("utf"), "");
  EXPECT_EQ(encoding_of_label("utf-8 utf8"), "");
  EXPECT_EQ(encoding_of_label("latin1\v"), "");
}

TEST(Utf16, PairsArePutTogetherAndLoneHalvesReplaced) {
  EXPECT_EQ(decode_utf16("a\0\x3D\xD8\0\xDE"sv, 0), u"a\U0001F600");
  EXPECT_EQ(decode_utf16("\xD8\x3D\xDE\0"sv, kBigEndian), u"\U0001F600");
  EXPECT_EQ(decode_utf16("\0\xDE"
                         "a\0"sv,
                         0),
            u"\uFFFDa");
  EXPECT_EQ(decode_utf16("\0\xDE"sv, kFatal), std::nullopt);
}

TEST(Utf16, AnUnfinishedPairAndAnOddByteAreOneError) {
  EXPECT_EQ(decode_utf16("\x3D\xD8\x41"sv, 0), u"\uFFFD");
  EXPECT_EQ(decode_utf16("a\0\x41"sv, 0), u"a\uFFFD");
}

TEST(Utf16, AByteOrderMarkIsStrippedOnce) {
  EXPECT_EQ(decode_utf16("\xFF\xFE\xFF\xFE"sv, kStripBom), u"\uFEFF");
  EXPECT_EQ(decode_utf16(""sv, kStripBom), u"");
}

TEST(Legacy, SingleBytesFollowTheStandardWhereIcuDoesNot) {
  EXPECT_EQ(decoded("ibm866", "\x1A\x1C\x7F\x80"), u"\x1A\x1C\x7F\u0410");
  EXPECT_EQ(decoded("windows-874", "\xDB\xA1"), u"\uFFFD\u0E01");
  EXPECT_EQ(decoded("windows-1253", "\xAA"), u"\uFFFD");
  EXPECT_EQ(decoded("windows-1255", "\xCA"), u"\u05BA");
  EXPECT_EQ(decoded("koi8-u", "\xAE\xBE"), u"\u045E\u040E");
  EXPECT_EQ(decoded("iso-8859-16", "\xA4\xFF"), u"\u20AC\u00FF");
  EXPECT_EQ(decoded("macintosh", "\xF0"), u"\uF8FF");
  EXPECT_EQ(decoded("x-user-defined", "a\x80\xFF"), u"a\uF780\uF7FF");
}

TEST(Legacy, MalformedBytesBecomeReplacementCharacters) {
  EXPECT_EQ(decoded("shift_jis", "\x82\xA0\xFD"), u"\u3042\uFFFD");
  EXPECT_EQ(decoded("euc-kr", "\xB0\xA1\xFF"), u"\uAC00\uFFFD");
  std::uint32_t pending = 0;
  EXPECT_EQ(decode_legacy("shift_jis", "\xFD", kFlush | kFatal, pending), std::nullopt);
}

TEST(Legacy, TheBeginningOfACharacterIsLeftForLater) {
  std::uint32_t pending = 0;
  EXPECT_EQ(decode_legacy("gbk", "a\xC4", 0, pending), u"a");
  EXPECT_EQ(pending, 1u);
  EXPECT_EQ(decode_legacy("gbk", "\xC4\xE3", 0, pending), u"\u4F60");
  EXPECT_EQ(pending, 0u);
}

TEST(Iso2022Jp, KnowsItsFourModes) {
  EXPECT_EQ(decoded("iso-2022-jp", "a\x1b$B\x46\x7c\x4b\x5c\x1b(J\\~\x1b(I\x31\x1b(Bz"),
            u"a\u65e5\u672c\u00a5\u203e\uff71z");
}

TEST(Iso2022Jp, MalformedBytesAreReplacedAndTheNextAreRead) {
  EXPECT_EQ(decoded("iso-2022-jp", "\x1b$"), u"\ufffd$");
  EXPECT_EQ(decoded("iso-2022-jp", "\x1b(Ax"), u"\ufffd(Ax");
  EXPECT_EQ(decoded("iso-2022-jp", "\x1b$@\x1b(Bx"), u"\ufffdx");
  EXPECT_EQ(decoded("iso-2022-jp", "\x0e\x80y"), u"\ufffd\ufffdy");
  EXPECT_EQ(decoded("iso-2022-jp", "\x1b$B\x46"), u"\ufffd");
}

TEST(Iso2022Jp, UnfinishedSequencesWait) {
  std::uint32_t pending = 0;
  EXPECT_EQ(decode_legacy("iso-2022-jp", "a\x1b$", 0, pending), u"a");
  EXPECT_EQ(pending, 2u);
  EXPECT_EQ(decode_legacy("iso-2022-jp", "\x1b$B\x46", 0, pending), u"");
  EXPECT_EQ(pending, 1u);
}

TEST(Legacy, TextLongerThanTheBufferComesOutWhole) {
  EXPECT_EQ(decoded("iso-8859-2", std::string(5000, '\xB1')), std::u16string(5000, u'\u0105'));
}

}  // namespace
}  // namespace atoll::webapi
