#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <filesystem>

#include "egress/audit_trail.h"

namespace atoll::egress {
namespace {

class AuditTest : public testing::Test {
 protected:
  AuditTest() {
    std::string path = (std::filesystem::temp_directory_path() / "audit-XXXXXX").string();
    folder_ = ::mkdtemp(path.data());
  }
  ~AuditTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<AuditFiles> open(std::uint64_t max_bytes = 1u << 20) {
    auto files = AuditFiles::open({folder_ + "/audit", max_bytes});
    EXPECT_TRUE(files);
    return std::move(*files);
  }
  Result<AuditPage> read(AuditFiles& files, AuditQuery query) {
    asio::io_context loop(1);
    Result<AuditPage> read = AuditPage();
    asio::co_spawn(loop, files.read(std::move(query)),
                   [&](std::exception_ptr, Result<AuditPage> page) { read = std::move(page); });
    loop.run();
    return read;
  }
  // The hosts of the rows, the newest first.
  std::string hosts(AuditFiles& files, AuditQuery query) {
    std::string text;
    auto page = read(files, std::move(query));
    EXPECT_TRUE(page);
    for (const Json& row : page->rows) text += json_string(row, "host") + " ";
    return text;
  }
  static Request request(std::string script, std::string host) {
    return {"acc",           "space", std::move(script), "v", "fetch", "GET",
            std::move(host), 443,     "fetch",           "r1"};
  }

  std::string folder_;
};

TEST_F(AuditTest, TellsWhoWhereToAndHowMuchAndIsRead) {
  auto files = open();
  asio::io_context loop(1);
  AuditTrail trail(loop, *files);
  trail.decided(request("ada", "a.example"),
                {Verdict::Refused, "private", "10.0.0.1", {{"10.0.0.1", false, "private"}}, "", 0});
  trail.decided(request("bob", "b.example"), {Verdict::Allowed, "public", "1.1.1.1", {}, "", 7});
  trail.ended(request("bob", "b.example"),
              {7, "1.1.1.1:443", 10, 20, std::chrono::milliseconds(5), "public", "policy"});
  trail.decided(request("ada", "x\"\n"), {Verdict::Refused, "host", "", {}, "", 0});

  auto page = read(*files, {.account_id = "acc", .event = "end"});
  ASSERT_EQ(page->rows.size(), 1u);
  const Json& row = page->rows[0];
  EXPECT_EQ(row["bytes_received"], 20);
  EXPECT_EQ(row["connection"], 7);
  EXPECT_EQ(row["cut_by"], "policy");
  EXPECT_EQ(row["handler"], "fetch");
  EXPECT_EQ(hosts(*files, {.account_id = "acc"}), "x\"\n b.example b.example a.example ");
  EXPECT_EQ(hosts(*files, {.account_id = "acc", .script = "ada", .host = "*.example"}),
            "a.example ");
  EXPECT_EQ(hosts(*files, {.account_id = "acc", .verdict = "allowed", .event = "decision"}),
            "b.example ");
  EXPECT_EQ(hosts(*files, {.account_id = "acc", .namespace_id = ""}), "");
  EXPECT_EQ(hosts(*files, {.account_id = "other"}), "");
  auto later = wall_now() + std::chrono::hours(1);
  EXPECT_EQ(hosts(*files, {.account_id = "acc", .since = later}), "");
  EXPECT_EQ(hosts(*files, {.account_id = "acc", .script = "bob", .until = later}),
            "b.example b.example ");
}

TEST_F(AuditTest, PagesGoOnAtTheirCursorsAlsoAfterARestart) {
  std::string cursor;
  {
    auto files = open();
    asio::io_context loop(1);
    AuditTrail trail(loop, *files);
    for (int i = 0; i < 5; ++i) trail.decided(request("ada", std::to_string(i)), {});
    auto page = read(*files, {.account_id = "acc", .limit = 2});
    ASSERT_EQ(page->rows.size(), 2u);
    cursor = page->cursor;
  }
  auto files = open();
  asio::io_context loop(1);
  AuditTrail trail(loop, *files);
  trail.decided(request("ada", "new"), {});
  EXPECT_EQ(hosts(*files, {.account_id = "acc", .limit = 2, .cursor = cursor}), "2 1 ");
  EXPECT_EQ(hosts(*files, {.account_id = "acc"}), "new 4 3 2 1 0 ");
  EXPECT_FALSE(read(*files, {.account_id = "acc", .cursor = "x"}));
}

TEST_F(AuditTest, TheOldestGoWhenItIsFull) {
  constexpr std::uint64_t kMost = 256u << 10;
  auto files = open(kMost);
  std::string line = R"({"time":1,"account":"acc","host":"h)" + std::string(1000, 'x') + "\"}";
  for (int i = 0; i < 2000; ++i) files->append(line);
  files->append(R"({"time":1,"account":"acc","host":"last"})");
  auto page = read(*files, {.account_id = "acc", .limit = 10'000});
  EXPECT_EQ(json_string(page->rows[0], "host"), "last");
  EXPECT_GT(page->rows.size(), 150u);
  EXPECT_LE(page->rows.size(), 256u);
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/audit")) {
    bytes += entry.file_size();
  }
  EXPECT_LE(bytes, kMost);
}

TEST_F(AuditTest, AFloodIsToldInSums) {
  auto files = open();
  asio::io_context loop(1);
  {
    AuditTrail trail(loop, *files);
    Request flood = request("flood", "many.example");
    for (std::uint32_t i = 0; i < AuditTrail::kRowsPerMinute + 50; ++i) {
      trail.decided(flood, {Verdict::Refused, "private", "10.0.0.1", {}, "", 0});
    }
    trail.decided(request("ada", "a.example"), {Verdict::Allowed, "public", "1.1.1.1", {}, "", 1});
  }
  auto page = read(*files, {.account_id = "acc", .limit = 10'000});
  ASSERT_EQ(page->rows.size(), AuditTrail::kRowsPerMinute + 2);
  EXPECT_EQ(page->rows[0]["count"], 50);
  EXPECT_EQ(json_string(page->rows[1], "script"), "ada");
}

}  // namespace
}  // namespace atoll::egress
