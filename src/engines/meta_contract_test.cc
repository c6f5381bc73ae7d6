// What MetaStore promises, run against every engine.
#include "engines/engines_under_test.h"

namespace atoll::engines {
namespace {

using store::MetaStore;
using store::Revision;

class MetaContract : public ContractTest {
 protected:
  MetaStore& store() { return engine_->meta(); }

  Revision put(std::string key, std::string value) {
    auto revision = loop_.run(store().commit({{}, {{key, value}}}));
    EXPECT_TRUE(revision) << revision.error().message();
    return *revision;
  }
  std::optional<MetaStore::Record> get(std::string key) {
    auto record = loop_.run(store().get(key));
    EXPECT_TRUE(record) << record.error().message();
    return *record;
  }
  std::vector<std::string> keys(std::string prefix, std::string after = {}, unsigned limit = 100) {
    auto records = loop_.run(store().scan(prefix, after, limit));
    EXPECT_TRUE(records) << records.error().message();
    std::vector<std::string> keys;
    for (const auto& record : *records) keys.push_back(record.key);
    return keys;
  }
};
CONTRACT_SUITE(MetaContract);

using Keys = std::vector<std::string>;

TEST_P(MetaContract, AnAbsentKeyReadsAsNothing) { EXPECT_FALSE(get("nobody")); }

TEST_P(MetaContract, ReadsBackWhatWasCommitted) {
  Revision first = put("a", "1");
  Revision second = put("a", "2");

  EXPECT_GT(first, 0u);
  EXPECT_GT(second, first);
  EXPECT_EQ(get("a")->value, "2");
  EXPECT_EQ(get("a")->revision, second);
}

TEST_P(MetaContract, KeepsAnyBytesInKeysAndValues) {
  std::string key("k\0\xFF\x80", 4);
  put(key, std::string("\0v\xFF", 3));
  put("empty", "");

  EXPECT_EQ(get(key)->value, std::string("\0v\xFF", 3));
  EXPECT_EQ(get("empty")->value, "");
  EXPECT_FALSE(get("k"));
}

TEST_P(MetaContract, RemovesRecords) {
  put("a", "1");
  ASSERT_TRUE(loop_.run(store().commit({{}, {{"a", std::nullopt}, {"never", std::nullopt}}})));
  EXPECT_FALSE(get("a"));
}

TEST_P(MetaContract, ARemovedAndRecreatedKeyGetsANewRevision) {
  Revision before = put("a", "1");
  ASSERT_TRUE(loop_.run(store().commit({{}, {{"a", std::nullopt}}})));
  EXPECT_GT(put("a", "1"), before);
}

TEST_P(MetaContract, ScansAPrefixInByteOrder) {
  for (auto key : {"a/2", "a/10", "a/", "a", "b/1", "a/\xFF", "a/2x", "a0"}) put(key, "v");

  EXPECT_EQ(keys("a/"), (Keys{"a/", "a/10", "a/2", "a/2x", "a/\xFF"}));
  EXPECT_EQ(keys("a/2"), (Keys{"a/2", "a/2x"}));
  EXPECT_EQ(keys("a/\xFF"), (Keys{"a/\xFF"}));
  EXPECT_EQ(keys("c"), Keys{});
  EXPECT_EQ(keys("").size(), 8u);
}

TEST_P(MetaContract, ScansOnAfterACursor) {
  for (auto key : {"p/a", "p/b", "p/c", "p/d", "q"}) put(key, "v");

  EXPECT_EQ(keys("p/", "", 2), (Keys{"p/a", "p/b"}));
  EXPECT_EQ(keys("p/", "p/b", 2), (Keys{"p/c", "p/d"}));
  EXPECT_EQ(keys("p/", "p/bb", 2), (Keys{"p/c", "p/d"}));
  EXPECT_EQ(keys("p/", "p/d"), Keys{});
  EXPECT_EQ(keys("p/", "a"), (Keys{"p/a", "p/b", "p/c", "p/d"}));
  EXPECT_EQ(keys("p/", "z"), Keys{});
}

TEST_P(MetaContract, ScansAPrefixOfHighBytes) {
  put("\xFF\xFF", "1");
  put("\xFF\xFF\x01", "2");
  put("\xFE", "3");
  EXPECT_EQ(keys("\xFF\xFF"), (Keys{"\xFF\xFF", "\xFF\xFF\x01"}));
}

TEST_P(MetaContract, WritesAllOrNothing) {
  Revision revision = put("a", "1");

  auto refused = loop_.run(store().commit({{{"a", revision + 1}}, {{"a", "2"}, {"b", "2"}}}));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::Conflict);
  EXPECT_EQ(get("a")->value, "1");
  EXPECT_FALSE(get("b"));
}

TEST_P(MetaContract, APreconditionHoldsWhileTheRecordIsUnchanged) {
  Revision revision = put("a", "1");
  put("b", "1");

  EXPECT_TRUE(loop_.run(store().commit({{{"a", revision}, {"c", 0}}, {{"c", "1"}}})));
  EXPECT_FALSE(loop_.run(store().commit({{{"c", 0}}, {{"c", "2"}}})));
  EXPECT_EQ(get("c")->value, "1");
}

TEST_P(MetaContract, OfOverlappingCreationsExactlyOneWins) {
  int won = 0, lost = 0;
  for (int i = 0; i < 50; ++i) {
    loop_.start(store().commit({{{"only", 0}}, {{"only", std::to_string(i)}}}),
                [&](Result<Revision> revision) { ++(revision ? won : lost); });
  }
  loop_.run_all();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(lost, 49);
}

Task<Result<void>> increment(MetaStore& store, int times) {
  for (int done = 0; done < times;) {
    auto record = co_await store.get("counter");
    CO_CHECK(record);
    int value = *record ? std::stoi((*record)->value) : 0;
    Revision seen = *record ? (*record)->revision : 0;
    MetaStore::Transaction transaction;
    transaction.preconditions.push_back({"counter", seen});
    transaction.writes.push_back({"counter", std::to_string(value + 1)});
    auto revision = co_await store.commit(std::move(transaction));
    if (revision) {
      ++done;
    } else if (revision.error().kind() != ErrorKind::Conflict) {
      co_return fail(revision.error());
    }
  }
  co_return Result<void>();
}

TEST_P(MetaContract, OptimisticIncrementsLoseNoUpdate) {
  for (int i = 0; i < 8; ++i) {
    loop_.start(increment(store(), 25), [](Result<void> done) { EXPECT_TRUE(done); });
  }
  loop_.run_all();
  EXPECT_EQ(get("counter")->value, "200");
}

Task<Result<void>> write_then_read(MetaStore& store, std::string key) {
  for (int i = 0; i < 20; ++i) {
    MetaStore::Transaction transaction;
    transaction.writes.push_back({key, std::to_string(i)});
    auto revision = co_await store.commit(std::move(transaction));
    CO_CHECK(revision);
    auto record = co_await store.get(key);
    CO_CHECK(record);
    if (!*record || (*record)->value != std::to_string(i)) {
      co_return fail(internal_error("an acknowledged write was not seen"));
    }
  }
  co_return Result<void>();
}

TEST_P(MetaContract, ReadsSeeEveryAcknowledgedWrite) {
  for (int i = 0; i < 8; ++i) {
    loop_.start(write_then_read(store(), "key" + std::to_string(i)),
                [](Result<void> done) { EXPECT_TRUE(done) << done.error().message(); });
  }
  loop_.run_all();
}

}  // namespace
}  // namespace atoll::engines
