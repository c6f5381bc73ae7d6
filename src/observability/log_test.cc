#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

#include "base/json.h"
#include "observability/log_line.h"
#include "observability/log_writer.h"

namespace atoll::observability {
namespace {

const WallTime kTime = *parse_rfc3339("2026-01-02T03:04:05.678Z");

TEST(LogLine, IsOneJsonObjectWithItsFieldsInOrder) {
  std::string out;
  LogLine(LogFormat::Json, LogLevel::Warn, kTime, "invocation", out)
      .field("script", "shop")
      .field("status", 200)
      .field("ok", true)
      .field("share", 0.5)
      .field("nothing", std::nan(""))
      .json_field("tags", "[1]");
  EXPECT_EQ(out,
            "{\"time\":\"2026-01-02T03:04:05.678Z\",\"level\":\"warn\",\"event\":\"invocation\","
            "\"script\":\"shop\",\"status\":200,\"ok\":true,\"share\":0.5,\"nothing\":null,"
            "\"tags\":[1]}\n");
}

TEST(LogLine, ReadsAsTextOnATerminal) {
  std::string out;
  LogLine(LogFormat::Text, LogLevel::Info, kTime, "host started", out)
      .field("pid", 12)
      .field("why", "it died")
      .field("script", "shop");
  EXPECT_EQ(out,
            "2026-01-02T03:04:05.678Z info  host started pid=12 why=\"it died\" script=shop\n");
}

TEST(LogLine, StaysOneLineOfValidUtf8WhateverATenantLogs) {
  std::string hostile = "a\nb\"\\\x01\x1b[31m\xC0\xAF\xED\xA0\x80 caf\xC3\xA9 \xE2\x82";
  for (LogFormat format : {LogFormat::Json, LogFormat::Text}) {
    std::string out;
    LogLine(format, LogLevel::Info, kTime, hostile, out).field("value", hostile);
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1);
    EXPECT_EQ(out.find('\x1b'), std::string::npos);
    if (format == LogFormat::Json) {
      auto parsed = parse_json(out);
      ASSERT_TRUE(parsed);
      EXPECT_NE(json_string(*parsed, "value").find("caf\xC3\xA9"), std::string::npos);
      EXPECT_EQ(json_string(*parsed, "value"), json_string(*parsed, "event"));
    }
  }
}

TEST(LogWriter, WritesEverythingBeforeItEnds) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  {
    LogWriter writer(ends[1], LogFormat::Json, LogLevel::Info);
    for (int i = 0; i < 100; ++i) writer.write("a line\n");
  }
  ::close(ends[1]);
  std::string all(2000, '\0');
  all.resize(static_cast<std::size_t>(::read(ends[0], all.data(), all.size())));
  EXPECT_EQ(all.size(), 700u);
  ::close(ends[0]);
}

TEST(LogWriter, NeitherBlocksNorGrowsWhenNobodyReads) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_NONBLOCK), 0);
  auto began = std::chrono::steady_clock::now();
  {
    LogWriter writer(ends[1], LogFormat::Json, LogLevel::Info);
    std::string line(1 << 20, 'x');
    line.back() = '\n';
    for (int i = 0; i < 40; ++i) writer.write(line);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(1));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace atoll::observability
