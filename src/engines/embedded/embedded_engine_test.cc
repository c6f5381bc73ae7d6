// What the embedded engine promises beyond the contracts: one owner, clear refusals, no leftovers.
#include "engines/embedded/embedded_engine.h"

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "engines/engines_under_test.h"

namespace atoll::engines {
namespace {

namespace fs = std::filesystem;
using store::KvStore;

const std::string kAnn = "0123456789abcdef0123456789abcdef";

std::unique_ptr<EmbeddedEngine> opened(const std::string& folder) {
  auto engine = EmbeddedEngine::open({.folder = folder});
  EXPECT_TRUE(engine) << engine.error().message();
  return engine ? std::move(*engine) : nullptr;
}

Error refusal(const std::string& folder) {
  auto engine = EmbeddedEngine::open({.folder = folder});
  EXPECT_FALSE(engine);
  return engine ? internal_error("it opened") : engine.error();
}

void put(EmbeddedEngine& engine, std::string key, std::string value) {
  Loop loop;
  std::vector<KvStore::Write> writes;
  writes.push_back({key, KvStore::Entry{value, "", {}}});
  EXPECT_TRUE(loop.run(engine.kv().write(kAnn, std::move(writes))));
}

std::size_t files_below(const fs::path& folder) {
  std::size_t files = 0;
  if (!fs::exists(folder)) return 0;
  for (const auto& at : fs::recursive_directory_iterator(folder)) files += at.is_regular_file();
  return files;
}

TEST(EmbeddedEngine, KeepsEverythingOverARestart) {
  TemporaryFolder folder;
  Loop loop;
  std::string blob;
  {
    auto engine = opened(folder.path() + "/data");
    ASSERT_TRUE(loop.run(engine->meta().commit({{}, {{"a", "1"}}})));
    put(*engine, "small", "s");
    put(*engine, "large", std::string(200'000, 'l'));
    blob = *loop.run(engine->blobs().put("bundle"));
  }
  auto engine = opened(folder.path() + "/data");
  EXPECT_EQ((*loop.run(engine->meta().get("a")))->value, "1");
  EXPECT_EQ((*loop.run(engine->kv().get(kAnn, "small")))->value, "s");
  EXPECT_EQ((*loop.run(engine->kv().get(kAnn, "large")))->value, std::string(200'000, 'l'));
  EXPECT_EQ(*loop.run(engine->blobs().get(blob)), "bundle");
}

TEST(EmbeddedEngine, RevisionsGoOnGrowingOverARestartEvenWhenTheNewestRecordIsGone) {
  TemporaryFolder folder;
  Loop loop;
  store::Revision last = 0;
  {
    auto engine = opened(folder.path());
    ASSERT_TRUE(loop.run(engine->meta().commit({{}, {{"a", "1"}}})));
    last = *loop.run(engine->meta().commit({{}, {{"a", std::nullopt}}}));
  }
  auto engine = opened(folder.path());
  EXPECT_GT(*loop.run(engine->meta().commit({{}, {{"a", "2"}}})), last);
}

TEST(EmbeddedEngine, RefusesAFolderThatIsInUse) {
  TemporaryFolder folder;
  auto engine = opened(folder.path());

  Error error = refusal(folder.path());

  EXPECT_EQ(error.kind(), ErrorKind::Unavailable);
  EXPECT_NE(error.message().find("another Atoll is using it (process " +
                                 std::to_string(::getpid()) + ")"),
            std::string::npos)
      << error.message();
  engine.reset();
  EXPECT_TRUE(opened(folder.path()));
}

TEST(EmbeddedEngine, RefusesAFolderItCannotMake) {
  TemporaryFolder folder;
  std::ofstream(folder.path() + "/file") << "in the way";
  EXPECT_NE(refusal(folder.path() + "/file").message().find("Not a directory"), std::string::npos);
  EXPECT_NE(refusal(folder.path() + "/no/parent").message().find("No such file"),
            std::string::npos);
}

TEST(EmbeddedEngine, RefusesAFileThatIsNoDatabase) {
  TemporaryFolder folder;
  std::ofstream(folder.path() + "/meta.db") << std::string(8192, 'x');
  std::string message = refusal(folder.path()).message();
  EXPECT_NE(message.find("meta.db: the file is damaged or not a database"), std::string::npos)
      << message;
}

TEST(EmbeddedEngine, RefusesAFileOfANewerAtoll) {
  TemporaryFolder folder;
  opened(folder.path()).reset();
  {
    auto database =
        Database::open(folder.path() + "/meta.db", "meta.db", Database::Opening::Existing);
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->run("pragma user_version = 99"));
  }
  std::string message = refusal(folder.path()).message();
  EXPECT_NE(message.find("written by a newer Atoll (schema 99"), std::string::npos) << message;
}

TEST(EmbeddedEngine, TellsADamagedBlobFromAnAbsentOne) {
  TemporaryFolder folder;
  Loop loop;
  auto engine = opened(folder.path());
  std::string id = *loop.run(engine->blobs().put("bundle"));
  std::ofstream(folder.path() + "/blob/" + id.substr(0, 2) + "/" + id) << "bumble";
  EXPECT_EQ(loop.run(engine->blobs().get(id)).error().kind(), ErrorKind::Internal);
}

TEST(EmbeddedEngine, RefusesNamespaceIdsThatCouldLeaveTheFolder) {
  TemporaryFolder folder;
  Loop loop;
  auto engine = opened(folder.path());
  for (std::string id : {"../meta", "", "a/b", "a.b"}) {
    EXPECT_EQ(loop.run(engine->kv().get(id, "k")).error().kind(), ErrorKind::InvalidInput) << id;
    EXPECT_EQ(loop.run(engine->kv().drop_namespace(id)).error().kind(), ErrorKind::InvalidInput);
  }
}

TEST(EmbeddedEngine, RemovesLargeValuesThatAreReplacedRemovedOrDropped) {
  TemporaryFolder folder;
  fs::path files = folder.path() + "/kv/" + kAnn + ".files";
  auto engine = opened(folder.path());
  put(*engine, "a", std::string(200'000, '1'));
  put(*engine, "b", std::string(200'000, '2'));
  EXPECT_EQ(files_below(files), 2u);

  put(*engine, "a", std::string(200'000, '3'));
  EXPECT_EQ(files_below(files), 2u);
  put(*engine, "b", "small");
  EXPECT_EQ(files_below(files), 1u);

  Loop loop;
  ASSERT_TRUE(loop.run(engine->kv().drop_namespace(kAnn)));
  EXPECT_EQ(files_below(folder.path() + "/kv"), 0u);
}

TEST(EmbeddedEngine, SweepsWhatACrashLeftBehind) {
  TemporaryFolder folder;
  {
    auto engine = opened(folder.path());
    put(*engine, "large", std::string(200'000, 'l'));
  }
  std::string orphan(64, 'a');
  fs::create_directory(folder.path() + "/kv/" + kAnn + ".files/aa");
  fs::path orphan_path = folder.path() + "/kv/" + kAnn + ".files/aa/" + orphan;
  fs::path half_value = folder.path() + "/kv/" + kAnn + ".files/unfinished-0123";
  fs::path half_blob = folder.path() + "/blob/unfinished-0123";
  for (const auto& path : {orphan_path, half_value, half_blob}) std::ofstream(path) << "half";

  auto engine = opened(folder.path());
  put(*engine, "other", "v");

  EXPECT_FALSE(fs::exists(orphan_path));
  EXPECT_FALSE(fs::exists(half_value));
  EXPECT_FALSE(fs::exists(half_blob));
  Loop loop;
  EXPECT_EQ((*loop.run(engine->kv().get(kAnn, "large")))->value.size(), 200'000u);
}

TEST(EmbeddedEngine, PurgesExpiredRowsInTheBackground) {
  TemporaryFolder folder;
  TestClock clock;
  Loop loop;
  auto engine = EmbeddedEngine::open({.folder = folder.path(),
                                      .now = [&clock] { return clock.now(); },
                                      .kv = {.purge_every = std::chrono::milliseconds(10)}});
  ASSERT_TRUE(engine);
  WallTime soon = clock.now() + std::chrono::seconds(1);
  std::vector<KvStore::Write> writes;
  writes.reserve(1202);
  for (int i = 0; i < 1200; ++i) {
    writes.push_back({"k" + std::to_string(i), KvStore::Entry{"v", "", soon}});
  }
  writes.push_back({"large", KvStore::Entry{std::string(200'000, 'l'), "", soon}});
  writes.push_back({"stays", KvStore::Entry{"v", "", {}}});
  ASSERT_TRUE(loop.run((*engine)->kv().write(kAnn, std::move(writes))));

  clock.advance(std::chrono::seconds(2));

  auto rows = [&] {
    auto database =
        Database::open(folder.path() + "/kv/" + kAnn + ".db", "kv", Database::Opening::Existing);
    Query count = database->query("select count(*) from entry");
    return count.step() ? count.number(0) : -1;
  };
  for (int i = 0; i < 500 && rows() != 1; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(rows(), 1);
  EXPECT_EQ(files_below(folder.path() + "/kv/" + kAnn + ".files"), 0u);
}

TEST(EmbeddedEngine, OverlappingCommitsShareTransactions) {
  TemporaryFolder folder;
  auto engine = opened(folder.path());
  Loop loop;
  constexpr int kCommits = 2000;
  int done = 0;
  for (int i = 0; i < kCommits; ++i) {
    store::MetaStore::Transaction transaction;
    transaction.writes.push_back({"k" + std::to_string(i), "v"});
    loop.start(engine->meta().commit(std::move(transaction)),
               [&](Result<store::Revision> revision) {
                 EXPECT_TRUE(revision);
                 ++done;
               });
  }
  auto start = std::chrono::steady_clock::now();
  loop.run_all();
  auto took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(done, kCommits);
  // One fsync each would take far longer than this on any disk that has one worth the name.
  RecordProperty(
      "microseconds",
      std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  EXPECT_EQ(loop.run(engine->meta().scan("k", "", kCommits + 1))->size(), std::size_t{kCommits});
}

TEST(EmbeddedEngine, CompletesWhatWasStartedBeforeItCloses) {
  TemporaryFolder folder;
  Loop loop;
  int done = 0;
  auto engine = opened(folder.path());
  for (int i = 0; i < 100; ++i) {
    std::vector<KvStore::Write> writes;
    writes.push_back({"k" + std::to_string(i), KvStore::Entry{"v", "", {}}});
    loop.start(engine->kv().write(kAnn, std::move(writes)), [&](Result<void> written) {
      EXPECT_TRUE(written);
      ++done;
    });
  }
  loop.context().poll();
  engine.reset();
  loop.run_all();
  EXPECT_EQ(done, 100);
}

}  // namespace
}  // namespace atoll::engines
