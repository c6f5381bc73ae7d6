#include "bindings/kv/cached_kv.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>

#include "base/time.h"
#include "sandbox/border/conversation.h"

namespace atoll::bindings {
namespace {

using namespace std::chrono_literals;
using runtime::KvEntry;

constexpr std::uint64_t kHandle = 7;

// A supervisor with a store; answers at once, or when the test says so.
struct Supervisor final : border::Conversation::Handler {
  void on_message(border::Channel::Message message) override {
    if (message.frame.request_id == 0) return;
    waiting.push_back(std::move(message.frame));
    if (!holds_answers) answer_all();
  }
  void on_closed(const Error&) override {}

  void answer_all() {
    while (!waiting.empty()) answer_first();
  }
  void answer_first() {
    border::Frame frame = std::move(waiting.front());
    waiting.erase(waiting.begin());
    if (refusal) return (void)conversation->refuse(frame.request_id, *refusal);
    if (frame.type == border::MessageType::KvGet) {
      auto get = *border::decode<border::KvGet>(frame.body);
      border::KvValues values;
      for (const std::string& key : get.keys) {
        asked.push_back(key);
        auto found = store.find(key);
        values.entries.push_back(found == store.end() ? std::nullopt
                                                      : std::optional(found->second));
      }
      values.cacheable = cacheable;
      (void)conversation->reply(frame.request_id, values);
    } else if (frame.type == border::MessageType::KvWrite) {
      auto write = *border::decode<border::KvWrite>(frame.body);
      if (write.entry) {
        store[write.key] = *write.entry;
      } else {
        store.erase(write.key);
      }
      (void)conversation->reply(frame.request_id, border::Done());
    } else if (frame.type == border::MessageType::KvList) {
      border::KvPage page;
      for (auto& [key, entry] : store) page.keys.push_back({key, entry.metadata, entry.expires_at});
      page.complete = false;
      (void)conversation->reply(frame.request_id, page);
    }
  }

  border::Conversation* conversation = nullptr;
  std::map<std::string, border::KvEntry> store;
  std::vector<std::string> asked;  // keys read from the store
  std::vector<border::Frame> waiting;
  std::optional<Error> refusal;
  bool cacheable = true;
  bool holds_answers = false;
};

// The host's end: passes changes on, as the isolate host does.
struct Host final : border::SupervisorLink::Handler {
  void on_welcome(border::Welcome, UniqueFd) override {}
  void on_routes_changed(border::RoutesChanged) override {}
  void on_routes_ready() override {}
  void on_script_changed(const std::string&) override {}
  void on_kv_changed(border::Handle handle, const std::vector<std::string>& keys) override {
    kv->forget(handle, keys);
    ++changes;
  }
  void on_check_script(border::CheckScript, UniqueFd, border::SupervisorLink::CheckDone) override {}
  void on_drain(std::uint32_t) override {}
  void on_disconnected(const Error&) override {}

  CachedKv* kv = nullptr;
  int changes = 0;
};

class CachedKvTest : public testing::Test {
 protected:
  CachedKvTest() {
    auto pair = *border::make_socket_pair();
    conversation_.emplace(loop_, std::move(pair.ours), supervisor_, border::Channel::Limits());
    supervisor_.conversation = &*conversation_;
    link_ = std::make_unique<border::SupervisorLink>(loop_, std::move(pair.theirs), host_);
    remake(1 << 20);
  }

  void remake(std::size_t capacity) {
    kv_ = std::make_unique<CachedKv>(*link_, capacity);
    host_.kv = kv_.get();
  }

  void run_until(const std::function<bool()>& reached) {
    auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!reached() && std::chrono::steady_clock::now() < deadline) {
      loop_.restart();
      loop_.run_one_for(5ms);
    }
    ASSERT_TRUE(reached());
  }

  std::optional<Result<std::vector<std::optional<KvEntry>>>> get_many(
      std::vector<std::string> keys, std::uint64_t handle = kHandle) {
    std::optional<Result<std::vector<std::optional<KvEntry>>>> answer;
    kv_->get(handle, std::move(keys), [&](auto result) { answer = std::move(result); });
    run_until([&] { return answer.has_value(); });
    return answer;
  }
  // The value, or "(absent)", or the error.
  std::string get(std::string key, std::uint64_t handle = kHandle) {
    auto answer = get_many({std::move(key)}, handle);
    if (!*answer) return answer->error().message();
    return answer->value()[0] ? answer->value()[0]->value : "(absent)";
  }
  void write(std::string key, std::optional<KvEntry> entry) {
    bool done = false;
    kv_->write(kHandle, std::move(key), std::move(entry), [&](Result<void> written) {
      EXPECT_TRUE(written);
      done = true;
    });
    run_until([&] { return done; });
  }
  void change_elsewhere(std::vector<std::string> keys) {
    int before = host_.changes;
    conversation_->request(border::KvChanged{kHandle, std::move(keys)}, {}, [](auto) {});
    run_until([&] { return host_.changes > before; });
  }

  boost::asio::io_context loop_;
  Host host_;
  Supervisor supervisor_;
  std::optional<border::Conversation> conversation_;
  std::unique_ptr<border::SupervisorLink> link_;
  std::unique_ptr<CachedKv> kv_;
};

TEST_F(CachedKvTest, ReadsAKeyOnceAndAnswersFromTheCacheAtOnce) {
  supervisor_.store["a"] = {"value", "{\"m\":1}", std::nullopt};
  EXPECT_EQ(get("a"), "value");

  bool at_once = false;
  kv_->get(kHandle, {"a"}, [&](auto answer) {
    at_once = true;
    EXPECT_EQ((*answer)[0]->metadata, "{\"m\":1}");
  });

  EXPECT_TRUE(at_once);
  EXPECT_EQ(supervisor_.asked.size(), 1u);
}

TEST_F(CachedKvTest, RemembersThatAKeyIsAbsent) {
  EXPECT_EQ(get("a"), "(absent)");
  EXPECT_EQ(get("a"), "(absent)");
  EXPECT_EQ(supervisor_.asked.size(), 1u);
}

TEST_F(CachedKvTest, AsksOnlyForTheKeysItLacksAndKeepsTheOrder) {
  for (const char* key : {"a", "b", "c"}) supervisor_.store[key] = {key, "", std::nullopt};
  get("b");
  auto answer = get_many({"a", "b", "nothing", "c"});
  ASSERT_TRUE(*answer);
  ASSERT_EQ(answer->value().size(), 4u);
  EXPECT_EQ(answer->value()[0]->value, "a");
  EXPECT_EQ(answer->value()[1]->value, "b");
  EXPECT_FALSE(answer->value()[2]);
  EXPECT_EQ(answer->value()[3]->value, "c");
  EXPECT_EQ(supervisor_.asked, (std::vector<std::string>{"b", "a", "nothing", "c"}));
}

TEST_F(CachedKvTest, NamespacesDoNotMix) {
  supervisor_.store["a"] = {"one", "", std::nullopt};
  EXPECT_EQ(get("a", 1), "one");
  supervisor_.store["a"] = {"two", "", std::nullopt};
  EXPECT_EQ(get("a", 2), "two");
  EXPECT_EQ(get("a", 1), "one");
}

TEST_F(CachedKvTest, AsksAgainOnceAnEntryHasExpired) {
  std::int64_t now = wall_now().time_since_epoch().count() / 1000;
  supervisor_.store["a"] = {"lasts", "", now + 100};
  supervisor_.store["b"] = {"expires", "", now - 1};
  EXPECT_EQ(get("a"), "lasts");
  EXPECT_EQ(get("a"), "lasts");
  EXPECT_EQ(supervisor_.asked.size(), 1u);
  get("b");
  supervisor_.store.erase("b");
  EXPECT_EQ(get("b"), "(absent)");
}

TEST_F(CachedKvTest, ForgetsWhatWasWrittenElsewhere) {
  supervisor_.store["a"] = {"old", "", std::nullopt};
  supervisor_.store["b"] = {"b", "", std::nullopt};
  EXPECT_EQ(get("a"), "old");
  EXPECT_EQ(get("b"), "b");
  supervisor_.store["a"] = {"new", "", std::nullopt};
  EXPECT_EQ(get("a"), "old");

  change_elsewhere({"a"});

  EXPECT_EQ(get("a"), "new");
  EXPECT_EQ(get("b"), "b");
  EXPECT_EQ(supervisor_.asked.size(), 3u);
}

TEST_F(CachedKvTest, ForgetsAWholeNamespaceWhenNoKeyIsNamed) {
  EXPECT_EQ(get("a"), "(absent)");
  EXPECT_EQ(get("b"), "(absent)");
  EXPECT_EQ(get("a", 8), "(absent)");
  supervisor_.store["a"] = {"new", "", std::nullopt};
  change_elsewhere({});
  EXPECT_EQ(get("a"), "new");
  EXPECT_EQ(get("a", 8), "(absent)");
}

TEST_F(CachedKvTest, DoesNotKeepAReadThatAWriteOvertook) {
  supervisor_.store["a"] = {"overtaken", "", std::nullopt};
  supervisor_.cacheable = false;
  EXPECT_EQ(get("a"), "overtaken");
  supervisor_.cacheable = true;
  supervisor_.store["a"] = {"newer", "", std::nullopt};
  EXPECT_EQ(get("a"), "newer");
}

TEST_F(CachedKvTest, ReadsItsOwnWrites) {
  EXPECT_EQ(get("a"), "(absent)");
  write("a", KvEntry{"mine", "", std::nullopt});
  EXPECT_EQ(supervisor_.store["a"].value, "mine");
  EXPECT_EQ(get("a"), "mine");
  write("a", std::nullopt);
  EXPECT_EQ(get("a"), "(absent)");
}

TEST_F(CachedKvTest, AReadThatWasUnderWayDuringAWriteIsNotKept) {
  supervisor_.store["a"] = {"old", "", std::nullopt};
  supervisor_.holds_answers = true;
  std::string read;
  kv_->get(kHandle, {"a"}, [&](auto answer) { read = (*answer)[0]->value; });
  bool written = false;
  kv_->write(kHandle, "a", KvEntry{"new", "", std::nullopt}, [&](auto) { written = true; });
  run_until([&] { return supervisor_.waiting.size() == 2; });
  supervisor_.answer_all();  // the read first, then the write
  run_until([&] { return written; });
  EXPECT_EQ(read, "old");
  supervisor_.holds_answers = false;
  EXPECT_EQ(get("a"), "new");
}

TEST_F(CachedKvTest, ForgetsTheLongestUnusedWhenItIsFull) {
  remake(3000);
  for (const char* key : {"a", "b", "c", "d"}) {
    supervisor_.store[key] = {std::string(500, 'x'), "", std::nullopt};
    get(key);
    if (*key != 'a') get("a");
  }
  supervisor_.asked.clear();
  get("a");
  EXPECT_TRUE(supervisor_.asked.empty());
  get("b");  // made room for d
  get("d");
  EXPECT_LE(supervisor_.asked.size(), 2u);
}

TEST_F(CachedKvTest, DoesNotKeepVeryLargeValues) {
  supervisor_.store["a"] = {std::string(300'000, 'x'), "", std::nullopt};
  get("a");
  get("a");
  EXPECT_EQ(supervisor_.asked.size(), 2u);
}

TEST_F(CachedKvTest, PassesErrorsOnAndKeepsNothingOfThem) {
  supervisor_.refusal = Error(ErrorKind::Unavailable, "the store is away");
  EXPECT_EQ(get("a"), "the store is away");
  supervisor_.refusal.reset();
  supervisor_.store["a"] = {"back", "", std::nullopt};
  EXPECT_EQ(get("a"), "back");
}

TEST_F(CachedKvTest, ListingsAreNotCached) {
  supervisor_.store["a"] = {"1", "{}", 99};
  for (int i = 0; i < 2; ++i) {
    std::optional<Result<runtime::KvPage>> answer;
    kv_->list(kHandle, "", "", 10, [&](auto result) { answer = std::move(result); });
    run_until([&] { return answer.has_value(); });
    ASSERT_TRUE(*answer);
    EXPECT_EQ(answer->value().keys.size(), static_cast<std::size_t>(i + 1));
    EXPECT_EQ(answer->value().keys[0].expires_at_seconds, 99);
    EXPECT_FALSE(answer->value().complete);
    supervisor_.store["b"] = {"2", "", std::nullopt};
  }
}

}  // namespace
}  // namespace atoll::bindings
