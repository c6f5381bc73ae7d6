#include "sandbox/border/supervisor_link.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <boost/asio/post.hpp>
#include <chrono>

#include "sandbox/border/conversation.h"

namespace atoll::border {
namespace {

namespace asio = boost::asio;

// What a host hears.
struct Host final : SupervisorLink::Handler {
  void on_welcome(Welcome message, UniqueFd socket) override {
    welcome = std::move(message);
    listener = std::move(socket);
  }
  void on_routes_changed(RoutesChanged change) override {
    for (const Route& route : change.upserts) heard.push_back("route " + route.pattern);
  }
  void on_routes_ready() override { heard.push_back("routes ready"); }
  void on_script_changed(const std::string& key) override { heard.push_back("script " + key); }
  void on_kv_changed(Handle kv, const std::vector<std::string>& keys) override {
    heard.push_back("kv " + std::to_string(kv) + " " + (keys.empty() ? "all" : keys[0]));
  }
  void on_check_script(CheckScript, UniqueFd, SupervisorLink::CheckDone done) override {
    if (drop_checks) return;
    check = std::move(done);
  }
  void on_drain(std::uint32_t) override { heard.push_back("drain"); }
  void on_disconnected(const Error& why) override { disconnected = why; }

  std::optional<Welcome> welcome;
  UniqueFd listener;
  std::vector<std::string> heard;
  std::optional<SupervisorLink::CheckDone> check;
  bool drop_checks = false;
  std::optional<Error> disconnected;
};

// The supervisor's end, answering what the test tells it to.
struct Supervisor final : Conversation::Handler {
  void on_message(Channel::Message message) override { received.push_back(std::move(message)); }
  void on_closed(const Error&) override { closed = true; }

  std::vector<Channel::Message> received;
  bool closed = false;
};

class SupervisorLinkTest : public testing::Test {
 protected:
  SupervisorLinkTest() {
    auto pair = *make_socket_pair();
    conversation_.emplace(loop_, std::move(pair.ours), supervisor_, Channel::Limits());
    link_ = std::make_unique<SupervisorLink>(loop_, std::move(pair.theirs), host_);
    run_until([&] { return supervisor_.received.size() == 1; });
  }

  void run_until(std::function<bool()> reached) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!reached() && std::chrono::steady_clock::now() < deadline) {
      loop_.restart();
      loop_.run_one_for(std::chrono::milliseconds(10));
    }
    ASSERT_TRUE(reached());
  }

  const Frame& last() { return supervisor_.received.back().frame; }

  asio::io_context loop_;
  Host host_;
  Supervisor supervisor_;
  std::optional<Conversation> conversation_;
  std::unique_ptr<SupervisorLink> link_;
};

TEST_F(SupervisorLinkTest, SaysHelloFirstAndHandsTheListenerOver) {
  auto hello = decode<Hello>(last().body);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->walls, 0u);

  Welcome welcome;
  welcome.platform_domain = "atoll.localhost";
  std::vector<UniqueFd> descriptors;
  descriptors.emplace_back(::memfd_create("listener", MFD_CLOEXEC));
  descriptors.emplace_back(::memfd_create("status", MFD_CLOEXEC));
  ASSERT_TRUE(conversation_->send(welcome, std::move(descriptors)));
  run_until([&] { return host_.welcome.has_value(); });
  EXPECT_EQ(host_.welcome->platform_domain, "atoll.localhost");
  EXPECT_TRUE(host_.listener);
}

TEST_F(SupervisorLinkTest, AcknowledgesChangesAfterTheHandlerSawThem) {
  std::vector<std::string> acknowledged;
  RoutesChanged routes;
  routes.upserts.push_back({"1", "shop.example/*", 4, "acc", "shop"});
  conversation_->request(routes, {}, [&](auto answer) {
    ASSERT_TRUE(answer);
    acknowledged.push_back("routes");
    EXPECT_EQ(host_.heard, std::vector<std::string>{"route shop.example/*"});
  });
  run_until([&] { return acknowledged.size() == 1; });
  conversation_->request(ScriptChanged{"key"}, {}, [&](auto answer) {
    ASSERT_TRUE(answer);
    acknowledged.push_back("script");
  });
  conversation_->request(RoutesReady(), {}, [&](auto) { acknowledged.push_back("ready"); });
  conversation_->request(KvChanged{3, {}}, {}, [&](auto) { acknowledged.push_back("kv"); });
  run_until([&] { return acknowledged.size() == 4; });
  ASSERT_EQ(host_.heard.size(), 4u);
  EXPECT_EQ(host_.heard[1], "script key");
  EXPECT_EQ(host_.heard[3], "kv 3 all");
}

TEST_F(SupervisorLinkTest, MatchesAnswersToQuestionsInAnyOrder) {
  std::vector<std::string> answers;
  for (std::string key : {"first", "second"}) {
    link_->kv_get(5, {key}, [&, key](Result<KvValues> values) {
      ASSERT_TRUE(values);
      answers.push_back(key + "=" + values->entries[0]->value);
    });
  }
  run_until([&] { return supervisor_.received.size() == 3; });
  for (std::size_t i : {2u, 1u}) {
    auto& frame = supervisor_.received[i].frame;
    auto question = decode<KvGet>(frame.body);
    ASSERT_TRUE(question);
    EXPECT_EQ(question->handle, 5u);
    KvValues values;
    values.entries.push_back(KvEntry{"value of " + question->keys[0], "", {}});
    ASSERT_TRUE(conversation_->reply(frame.request_id, values));
  }
  run_until([&] { return answers.size() == 2; });
  EXPECT_EQ(answers[0], "second=value of second");
  EXPECT_EQ(answers[1], "first=value of first");
}

TEST_F(SupervisorLinkTest, PassesErrorsOfTheOtherSideOn) {
  std::optional<Error> error;
  link_->load_script(77, "", [&](auto loaded) { error = loaded.error(); });
  run_until([&] { return supervisor_.received.size() == 2; });
  ASSERT_TRUE(conversation_->refuse(last().request_id, Error(ErrorKind::Denied, "no such handle")));
  run_until([&] { return error.has_value(); });
  EXPECT_EQ(error->kind(), ErrorKind::Denied);
  EXPECT_EQ(error->message(), "no such handle");
}

TEST_F(SupervisorLinkTest, RefusesDescriptorIndicesOutsideTheAnswer) {
  std::optional<Error> error;
  link_->load_script(77, "", [&](auto loaded) {
    ASSERT_FALSE(loaded);
    error = loaded.error();
  });
  run_until([&] { return supervisor_.received.size() == 2; });
  LoadedScript script;
  script.status = LoadStatus::Found;
  script.versions.emplace_back().bundle_descriptor = 1;
  std::vector<UniqueFd> descriptors;
  descriptors.emplace_back(::memfd_create("bundle", MFD_CLOEXEC));
  ASSERT_TRUE(conversation_->reply(last().request_id, script, std::move(descriptors)));
  run_until([&] { return error.has_value(); });
  EXPECT_EQ(error->kind(), ErrorKind::InvalidInput);
}

TEST_F(SupervisorLinkTest, BatchesLogLines) {
  for (int i = 0; i < 10; ++i) link_->log("line\n");
  run_until([&] { return supervisor_.received.size() == 2; });
  auto lines = decode<LogLines>(last().body);
  ASSERT_TRUE(lines);
  EXPECT_EQ(lines->lines.size(), 50u);
  EXPECT_EQ(lines->dropped, 0u);
}

TEST_F(SupervisorLinkTest, AnswersAChecksOutcomeOnceAndADroppedCheckWithARefusal) {
  auto ask = [&](std::optional<Result<CheckOutcome>>& outcome) {
    std::vector<UniqueFd> bundle;
    bundle.emplace_back(::memfd_create("bundle", MFD_CLOEXEC));
    conversation_->request(CheckScript(), std::move(bundle), [&](auto answer) {
      outcome = answer ? Result<CheckOutcome>(answer->value) : fail(answer.error());
    });
  };
  std::optional<Result<CheckOutcome>> outcome;
  ask(outcome);
  run_until([&] { return host_.check.has_value(); });
  CheckOutcome answer;
  answer.handlers = {"fetch"};
  (*host_.check)(answer);
  run_until([&] { return outcome.has_value(); });
  ASSERT_TRUE(*outcome);
  EXPECT_EQ((*outcome)->handlers, std::vector<std::string>{"fetch"});

  outcome.reset();
  host_.drop_checks = true;
  ask(outcome);
  run_until([&] { return outcome.has_value(); });
  ASSERT_FALSE(*outcome);
  EXPECT_EQ(outcome->error().kind(), ErrorKind::Unavailable);
}

TEST_F(SupervisorLinkTest, FailsWhatIsOpenWhenTheSupervisorDies) {
  std::optional<Error> error;
  link_->kv_write(1, "key", std::nullopt, [&](Result<void> done) { error = done.error(); });
  conversation_.reset();
  run_until([&] { return host_.disconnected.has_value(); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::Unavailable);

  error.reset();
  link_->kv_write(1, "key", std::nullopt, [&](Result<void> done) { error = done.error(); });
  EXPECT_FALSE(error);  // never from inside the call
  run_until([&] { return error.has_value(); });
}

TEST_F(SupervisorLinkTest, RefusesMessagesThatOnlyHostsSend) {
  ASSERT_TRUE(conversation_->send(LogLines{"x\n", 0}));
  run_until([&] { return host_.disconnected.has_value(); });
  EXPECT_EQ(host_.disconnected->kind(), ErrorKind::InvalidInput);
}

}  // namespace
}  // namespace atoll::border
