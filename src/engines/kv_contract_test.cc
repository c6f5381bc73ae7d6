// What KvStore promises, run against every engine.
#include "engines/engines_under_test.h"

namespace atoll::engines {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using store::KvStore;

const std::string kAnn = "0123456789abcdef0123456789abcdef";
const std::string kBob = "fedcba9876543210fedcba9876543210";

class KvContract : public ContractTest {
 protected:
  KvStore& store() { return engine_->kv(); }

  void write(std::vector<KvStore::Write> writes, std::string space = kAnn) {
    auto done = loop_.run(store().write(space, std::move(writes)));
    ASSERT_TRUE(done) << done.error().message();
  }
  void put(std::string key, std::string value, std::string space = kAnn) {
    write({{key, KvStore::Entry{value, "", {}}}}, space);
  }
  std::optional<KvStore::Entry> get(std::string key, std::string space = kAnn) {
    auto entry = loop_.run(store().get(space, key));
    EXPECT_TRUE(entry) << entry.error().message();
    return *entry;
  }
  KvStore::Page list(KvStore::ListQuery query, std::string space = kAnn) {
    auto page = loop_.run(store().list(space, std::move(query)));
    EXPECT_TRUE(page) << page.error().message();
    return *page;
  }
  static std::vector<std::string> names(const KvStore::Page& page) {
    std::vector<std::string> names;
    names.reserve(page.keys.size());
    for (const auto& key : page.keys) names.push_back(key.name);
    return names;
  }
};
CONTRACT_SUITE(KvContract);

using Names = std::vector<std::string>;

TEST_P(KvContract, AnUnknownNamespaceIsEmpty) {
  EXPECT_FALSE(get("greeting"));
  EXPECT_TRUE(list({}).keys.empty());
  EXPECT_TRUE(list({}).complete);
}

TEST_P(KvContract, ReadsBackValueMetadataAndExpiry) {
  WallTime expiry = clock_.now() + seconds(100);
  write({{"k", KvStore::Entry{std::string("\0v\xFF", 3), R"({"a":1})", expiry}}});

  auto entry = get("k");

  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->value, std::string("\0v\xFF", 3));
  EXPECT_EQ(entry->metadata, R"({"a":1})");
  EXPECT_EQ(entry->expires_at, expiry);
}

TEST_P(KvContract, TheLastWriterWins) {
  put("k", "1");
  put("k", "2");
  EXPECT_EQ(get("k")->value, "2");
  write({{"k", KvStore::Entry{"3", "", {}}}, {"k", KvStore::Entry{"4", "", {}}}});
  EXPECT_EQ(get("k")->value, "4");
}

TEST_P(KvContract, AReplacedEntryLosesItsMetadataAndExpiry) {
  write({{"k", KvStore::Entry{"v", "true", clock_.now() + seconds(100)}}});
  put("k", "w");
  EXPECT_EQ(get("k")->metadata, "");
  EXPECT_FALSE(get("k")->expires_at);
}

TEST_P(KvContract, RemovingAnAbsentKeySucceeds) {
  put("k", "v");
  write({{"k", std::nullopt}, {"absent", std::nullopt}});
  EXPECT_FALSE(get("k"));
}

TEST_P(KvContract, NamespacesDoNotShareKeys) {
  put("k", "ann", kAnn);
  put("k", "bob", kBob);
  put("only ann", "v", kAnn);
  EXPECT_EQ(get("k", kAnn)->value, "ann");
  EXPECT_EQ(get("k", kBob)->value, "bob");
  EXPECT_FALSE(get("only ann", kBob));
}

TEST_P(KvContract, AnExpiredEntryReadsAsAbsent) {
  write({{"greeting", KvStore::Entry{"hello", "", clock_.now() + seconds(60)}}});

  clock_.advance(seconds(59));
  EXPECT_EQ(get("greeting")->value, "hello");
  EXPECT_EQ(names(list({})), Names{"greeting"});

  clock_.advance(seconds(1));
  EXPECT_FALSE(get("greeting"));
  EXPECT_TRUE(list({}).keys.empty());
}

TEST_P(KvContract, ExpiredEntriesDoNotCountAgainstTheListLimit) {
  WallTime soon = clock_.now() + seconds(1);
  write({{"a", KvStore::Entry{"", "", soon}},
         {"b", KvStore::Entry{"", "", {}}},
         {"c", KvStore::Entry{"", "", soon}},
         {"d", KvStore::Entry{"", "", {}}}});
  clock_.advance(seconds(2));

  auto page = list({"", "", 2});

  EXPECT_EQ(names(page), (Names{"b", "d"}));
  EXPECT_TRUE(page.complete);
}

TEST_P(KvContract, AnEntryMayBeWrittenAgainAfterItExpired) {
  write({{"k", KvStore::Entry{"old", "", clock_.now() + seconds(1)}}});
  clock_.advance(seconds(2));
  put("k", "new");
  EXPECT_EQ(get("k")->value, "new");
}

TEST_P(KvContract, ListsByPrefixInByteOrderPageByPage) {
  for (auto key : {"user:2", "user:10", "user:\xC3\xA9", "team:1", "user:", "zoo"}) put(key, "v");

  auto first = list({"user:", "", 2});
  EXPECT_EQ(names(first), (Names{"user:", "user:10"}));
  EXPECT_FALSE(first.complete);

  auto second = list({"user:", "user:10", 2});
  EXPECT_EQ(names(second), (Names{"user:2", "user:\xC3\xA9"}));
  EXPECT_TRUE(second.complete);

  EXPECT_EQ(list({}).keys.size(), 6u);
}

TEST_P(KvContract, ListsCarryMetadataAndExpiry) {
  WallTime expiry = clock_.now() + seconds(100);
  write({{"k", KvStore::Entry{"v", "[1]", expiry}}});
  auto page = list({});
  ASSERT_EQ(page.keys.size(), 1u);
  EXPECT_EQ(page.keys[0].metadata, "[1]");
  EXPECT_EQ(page.keys[0].expires_at, expiry);
}

TEST_P(KvContract, KeepsValuesOfEverySize) {
  for (std::size_t size : {0u, 1u, 1000u, 102'399u, 102'400u, 102'401u, 3'000'000u}) {
    std::string value(size, 'x');
    fill_random(value.data(), value.size());
    put("sized", value);
    EXPECT_EQ(get("sized")->value, value) << size;
  }
}

TEST_P(KvContract, TwoKeysMayShareALargeValue) {
  std::string large(200'000, 'l');
  put("a", large);
  put("b", large);
  put("a", "small");
  EXPECT_EQ(get("a")->value, "small");
  EXPECT_EQ(get("b")->value, large);
  write({{"b", std::nullopt}, {"c", KvStore::Entry{large, "", {}}}});
  EXPECT_EQ(get("c")->value, large);
}

TEST_P(KvContract, ADroppedNamespaceIsEmptyAndUsable) {
  put("k", "v");
  put("large", std::string(200'000, 'l'));
  EXPECT_TRUE(get("k"));

  ASSERT_TRUE(loop_.run(store().drop_namespace(kAnn)));
  EXPECT_FALSE(get("k"));
  EXPECT_TRUE(list({}).keys.empty());

  put("k", "again");
  EXPECT_EQ(get("k")->value, "again");
  EXPECT_FALSE(get("large"));
  ASSERT_TRUE(loop_.run(store().drop_namespace("never-written")));
}

TEST_P(KvContract, ManyNamespacesMayBeUsedInTurn) {
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 20; ++i) {
      put("k" + std::to_string(round), std::to_string(i), "space" + std::to_string(i));
    }
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(get("k0", "space" + std::to_string(i))->value, std::to_string(i));
    EXPECT_EQ(get("k1", "space" + std::to_string(i))->value, std::to_string(i));
  }
}

Task<Result<void>> write_then_read(KvStore& store, std::string space, std::string key,
                                   std::size_t size) {
  for (char round = 'a'; round < 'k'; ++round) {
    std::string value(size, round);
    std::vector<KvStore::Write> writes;
    writes.push_back({key, KvStore::Entry{value, "", {}}});
    auto written = co_await store.write(space, std::move(writes));
    CO_CHECK(written);
    auto entry = co_await store.get(space, key);
    CO_CHECK(entry);
    if (!*entry || (*entry)->value != value) {
      co_return fail(internal_error("an acknowledged write was not seen"));
    }
  }
  co_return Result<void>();
}

TEST_P(KvContract, ReadsSeeEveryAcknowledgedWrite) {
  auto check = [](Result<void> done) { EXPECT_TRUE(done) << done.error().message(); };
  for (int i = 0; i < 6; ++i) {
    loop_.start(write_then_read(store(), kAnn, "k" + std::to_string(i), 10), check);
    loop_.start(write_then_read(store(), kBob, "k" + std::to_string(i), 10), check);
    loop_.start(write_then_read(store(), kBob, "large" + std::to_string(i), 150'000), check);
  }
  loop_.run_all();
}

}  // namespace
}  // namespace atoll::engines
