#include "management/multipart.h"

#include <gtest/gtest.h>

namespace atoll::management {
namespace {

std::string part(const std::string& head, const std::string& body) {
  return "--cut\r\n" + head + "\r\n\r\n" + body + "\r\n";
}

std::string named(const std::string& name, const std::string& body) {
  return part("Content-Disposition: form-data; name=\"" + name + "\"", body);
}

bool parses(const std::string& body) { return parse_multipart(body, "cut").has_value(); }

TEST(Multipart, PartsAreViewsOfTheirBytes) {
  std::string bytes("\0\r\n--cu\r\n\xff", 9);
  std::string body = named("a", "text") + named("b", bytes) + named("empty", "") + "--cut--\r\n";
  auto parts = parse_multipart(body, "cut");
  ASSERT_TRUE(parts) << parts.error().message();
  ASSERT_EQ(parts->size(), 3u);
  EXPECT_EQ((*parts)[0].body, "text");
  EXPECT_EQ((*parts)[1].body, bytes);
  EXPECT_EQ((*parts)[2].body, "");
  EXPECT_EQ((*parts)[0].body.data(), body.data() + body.find("text"));
}

TEST(Multipart, NamesFilenamesAndTypes) {
  std::string body =
      part(
          "CONTENT-DISPOSITION: form-data; filename=\"./a;b.txt\"; name=\"x%22y\\\"z\"\r\n"
          "Content-Type: text/plain; charset=utf-8",
          "1") +
      "--cut--";
  auto parts = parse_multipart(body, "cut");
  ASSERT_TRUE(parts) << parts.error().message();
  EXPECT_EQ((*parts)[0].name, "x\"y\"z");
  EXPECT_EQ((*parts)[0].filename, "./a;b.txt");
  EXPECT_EQ((*parts)[0].content_type, "text/plain; charset=utf-8");
}

TEST(Multipart, AnEmptyFormIsNoError) {
  auto parts = parse_multipart("--cut--\r\n", "cut");
  ASSERT_TRUE(parts);
  EXPECT_TRUE(parts->empty());
}

TEST(Multipart, PaddingBehindTheBoundaryIsAllowed) {
  EXPECT_TRUE(parses("--cut \t\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--cut--"));
}

TEST(Multipart, RefusesWhatIsNotExactlyAForm) {
  EXPECT_FALSE(parses(""));
  EXPECT_FALSE(parses("--other\r\n"));
  EXPECT_FALSE(parses("preamble\r\n" + named("a", "1") + "--cut--"));
  EXPECT_FALSE(parses(named("a", "1")));                           // never closed
  EXPECT_FALSE(parses(named("a", "1") + "--cut"));                 // cut off
  EXPECT_FALSE(parses(named("a", "1") + "--cut--\r\nmore"));       // goes on
  EXPECT_FALSE(parses(named("a", "x\r\n--cutlery") + "--cut--"));  // boundary inside
  EXPECT_FALSE(parses(part("Content-Type: text/plain", "1") + "--cut--"));
  EXPECT_FALSE(parses(part("Content-Disposition: form-data", "1") + "--cut--"));
  EXPECT_FALSE(parses(part("Content-Disposition: attachment; name=a", "1") + "--cut--"));
  EXPECT_FALSE(parses(part("no colon", "1") + "--cut--"));
  EXPECT_FALSE(parses(part("Content-Disposition: form-data; name=\"a", "1") + "--cut--"));
  EXPECT_FALSE(parses(part("Content-Disposition: form-data; name=a\r\n"
                           "Content-Disposition: form-data; name=b",
                           "1") +
                      "--cut--"));
  EXPECT_FALSE(parses(part("Content-Disposition: form-data; name=a\r\n"
                           "Content-Transfer-Encoding: base64",
                           "MQ==") +
                      "--cut--"));
  EXPECT_FALSE(parses("--cut\nContent-Disposition: form-data; name=a\n\n1\n--cut--"));
}

TEST(Multipart, PartsAndHeadersAreBounded) {
  std::string body;
  for (int i = 0; i < 4; ++i) body += named("a", "1");
  body += "--cut--";
  EXPECT_FALSE(parse_multipart(body, "cut", {.max_parts = 3}));
  EXPECT_FALSE(parse_multipart(body, "cut", {.max_part_head_bytes = 20}));
  EXPECT_TRUE(parse_multipart(body, "cut", {.max_parts = 4}));
}

TEST(Multipart, BoundariesComeFromTheFieldOrTheFirstLine) {
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=\"a b\""), "a b");
  EXPECT_EQ(multipart_boundary("Multipart/Form-Data; charset=x; Boundary=cut"), "cut");
  EXPECT_FALSE(multipart_boundary("multipart/form-data"));
  EXPECT_FALSE(multipart_boundary("multipart/mixed; boundary=cut"));
  EXPECT_FALSE(multipart_boundary("multipart/form-data; boundary=\"\""));

  EXPECT_EQ(sniff_multipart_boundary("--x-1\r\nContent-Disposition: form-data; name=a\r\n\r\n"),
            "x-1");
  EXPECT_FALSE(sniff_multipart_boundary("--count;\r\nlet x = 1;\r\n\r\n"));
  EXPECT_FALSE(sniff_multipart_boundary("export default {}"));
  EXPECT_FALSE(sniff_multipart_boundary("--"));
}

}  // namespace
}  // namespace atoll::management
