// Which Worker answers a call, when it is loaded, and when it goes.
#include "dispatch/script_table.h"

#include "runtime/testing/worker_fixture.h"

namespace atoll::dispatch {
namespace {

using namespace std::chrono_literals;
using bundle::ModuleKind;
using runtime::Call;
using runtime::Outcome;

std::string answering(std::string text) {
  return "export default { fetch() { return new Response('" + text + "') } }";
}

class Scripts : public runtime::WorkerFixture {
 protected:
  struct Version {
    std::string code;
    double percentage = 100;
    std::string code_cache = {};
  };

  Scripts() { remake({}); }

  void remake(ScriptTable::Settings settings) {
    table_.reset();
    table_ = std::make_unique<ScriptTable>(
        host_, pool_, settings,
        [this](border::Handle, std::string name,
               border::SupervisorLink::ReplyDone<border::SupervisorLink::Loaded> done) {
          ++loads_[name];
          if (!holds_answers_) return done(load(name));
          held_.push_back([this, name, done = std::move(done)]() mutable { done(load(name)); });
        },
        [this](border::Handle version, std::string bytes) { caches_[version] = std::move(bytes); });
  }

  void publish(std::string name, std::vector<Version> versions) {
    published_[name] = std::move(versions);
  }
  void publish(std::string name, std::string code) {
    publish(std::move(name), std::vector<Version>{{std::move(code)}});
  }

  Result<border::SupervisorLink::Loaded> load(const std::string& name) {
    if (load_failure_) return fail(Error(*load_failure_));
    border::SupervisorLink::Loaded loaded;
    loaded.script.script_key = key_prefix_ + name;
    if (!account_level_) loaded.script.dispatch_namespace = "space";
    loaded.script.inbound = inbound_;
    loaded.script.outbound = outbound_;
    loaded.script.script_name = name;
    auto found = published_.find(name);
    if (found == published_.end()) return loaded;
    loaded.script.status = border::LoadStatus::Found;
    for (const Version& version : found->second) {
      border::ScriptVersion made;
      made.handle = next_handle_++;
      made.version_id = "v" + std::to_string(made.handle);
      made.percentage = version.percentage;
      made.compatibility_date = "2026-08-22";
      made.limits = script_limits_;
      made.bundle_descriptor = static_cast<std::uint32_t>(loaded.descriptors.size());
      loaded.descriptors.push_back(runtime::descriptor_of(
          runtime::encode_bundle({{"worker.js", ModuleKind::EsModule, version.code}})));
      if (!version.code_cache.empty()) {
        made.code_cache_descriptor = static_cast<std::uint32_t>(loaded.descriptors.size());
        loaded.descriptors.push_back(runtime::descriptor_of(version.code_cache));
      }
      loaded.script.versions.push_back(std::move(made));
    }
    return loaded;
  }

  std::shared_ptr<Call> begin(const std::string& name, runtime::RequestSpec spec = {}) {
    auto call = std::make_shared<Call>();
    scheduler_.run([this, name, call, spec = std::move(spec)]() mutable {
      runtime::HttpRequest request = make_request(spec);
      table_->call({1, name}, spec.entrypoint, std::move(request), spec.options, receiver(call));
    });
    return call;
  }
  std::string ask(const std::string& name, runtime::RequestSpec spec = {}) {
    auto call = begin(name, std::move(spec));
    wait(call);
    return call->failure ? "failure: " + call->failure->message : call->body;
  }
  void answer_loads() {
    auto answers = std::move(held_);
    held_.clear();
    for (auto& answer : answers) answer();
  }

  IsolatePool pool_{loop_, engine(), {kMemoryBytes, kMemoryBytes}, 0};
  std::map<std::string, std::vector<Version>> published_;
  std::map<std::string, int> loads_;
  std::map<border::Handle, std::string> caches_;
  std::vector<std::move_only_function<void()>> held_;
  bool holds_answers_ = false;
  std::optional<Error> load_failure_;
  border::ScriptLimits script_limits_;
  std::string key_prefix_ = "key-";
  border::Handle inbound_ = 0;  // of the namespace
  border::Handle outbound_ = 0;
  bool account_level_ = true;
  border::Handle next_handle_ = 1;
  std::unique_ptr<ScriptTable> table_;
};

TEST_F(Scripts, AreLoadedOnceForCallsThatArriveTogether) {
  publish("a", answering("a"));
  holds_answers_ = true;
  std::vector<std::shared_ptr<Call>> calls;
  for (int i = 0; i < 50; ++i) calls.push_back(begin("a"));
  EXPECT_EQ(loads_["a"], 1);

  answer_loads();

  for (auto& call : calls) {
    wait(call);
    EXPECT_EQ(call->body, "a");
  }
  EXPECT_EQ(ask("a"), "a");
  EXPECT_EQ(loads_["a"], 1);
  EXPECT_EQ(table_->isolate_count(), 1u);
}

TEST_F(Scripts, AreAllLoadedAgainWhenTheirNamespaceChanges) {
  for (const char* name : {"a", "b"}) publish(name, answering("old"));
  key_prefix_ = "account/other/";
  publish("c", answering("old"));
  EXPECT_EQ(ask("c"), "old");
  key_prefix_ = "account/space/";
  EXPECT_EQ(ask("a"), "old");
  EXPECT_EQ(ask("b"), "old");
  for (const char* name : {"a", "b", "c"}) publish(name, answering("new"));

  table_->on_script_changed("account/space/");

  EXPECT_EQ(ask("a"), "new");
  EXPECT_EQ(ask("b"), "new");
  EXPECT_EQ(ask("c"), "old");
}

TEST_F(Scripts, AreReachedThroughTheInboundWorkerOfTheirNamespace) {
  auto worker = [&](std::string code) {
    return start({{{"worker.js", ModuleKind::EsModule, std::move(code)}}});
  };
  inbound_ = 7;
  directory_.scripts[7] = worker(
      "export default { async fetch(request, env, ctx) {"
      "  if (request.url.endsWith('/no')) return new Response('no');"
      "  const answer = await ctx.next({ props: { by: 'inbound' } });"
      "  return new Response('in ' + await answer.text());"
      "} }");
  publish("a",
          "export default { fetch(request, env, ctx) {"
          "  return new Response(JSON.stringify(ctx.props) + typeof ctx.next); } }");
  EXPECT_EQ(ask("a"), "in {\"by\":\"inbound\"}undefined");
  EXPECT_EQ(ask("a", {.path = "/no"}), "no");

  directory_.scripts[7] = worker("export default {}");
  table_->on_script_changed("key-a");
  EXPECT_EQ(ask("a"), "failure: Handler does not export a fetch() function.");
  directory_.scripts.erase(7);
  table_->on_script_changed("key-a");
  EXPECT_EQ(ask("a"), "failure: Worker not found.") << "it is not passed";
}

TEST_F(Scripts, SendThroughTheOutboundWorkerOfTheirNamespace) {
  outbound_ = 8;
  directory_.scripts[8] = start({{{"worker.js", ModuleKind::EsModule, answering("behind")}}});
  publish("a", "export default { fetch: () => fetch('http://outside.example/') }");
  EXPECT_EQ(ask("a"), "failure: Worker not found.") << "account-level scripts have none";
  account_level_ = false;
  table_->on_script_changed("key-a");
  EXPECT_EQ(ask("a"), "behind");
}

TEST_F(Scripts, HaveANewVersionOnceTheyChanged) {
  publish("a", answering("old"));
  EXPECT_EQ(ask("a"), "old");
  publish("a", answering("new"));
  EXPECT_EQ(ask("a"), "old");  // not told yet

  table_->on_script_changed("key-a");

  EXPECT_EQ(ask("a"), "new");
  EXPECT_EQ(loads_["a"], 2);
}

TEST_F(Scripts, FinishRunningInvocationsOnTheOldVersion) {
  publish(
      "a",
      "export default { async fetch() { await scheduler.wait(30); return new Response('old') } }");
  auto running = begin("a");
  run_for(5ms);
  publish("a", answering("new"));
  table_->on_script_changed("key-a");
  table_->sweep();

  EXPECT_EQ(ask("a"), "new");
  wait(running);
  EXPECT_EQ(running->body, "old");
  table_->sweep();
  EXPECT_EQ(table_->isolate_count(), 1u);  // the old one is gone
}

TEST_F(Scripts, ThatChangeWhileTheyAreLoadedAreLoadedAgain) {
  publish("a", answering("old"));
  holds_answers_ = true;
  auto call = begin("a");
  auto stale = std::move(held_);
  held_.clear();
  auto stale_answer = load("a");
  publish("a", answering("new"));
  table_->on_script_changed("key-a");
  ASSERT_EQ(held_.size(), 1u);
  published_["a"][0].code = answering("old");
  for (auto& answer : stale) answer();  // what was read before the change arrives late
  run_for(2ms);
  EXPECT_FALSE(call->answered);
  published_["a"][0].code = answering("new");
  answer_loads();
  wait(call);
  EXPECT_EQ(call->body, "new");
}

TEST_F(Scripts, KeepTheirWaitingCallsThroughAFailureAndAChange) {
  publish("a", answering("a"));
  load_failure_ = Error(ErrorKind::Unavailable, "the store is down");
  EXPECT_EQ(ask("a"), "failure: the store is down");
  load_failure_.reset();
  EXPECT_EQ(ask("a"), "a");
  table_->on_script_changed("key-a");
  holds_answers_ = true;
  auto call = begin("a");
  table_->on_script_changed("key-a");
  answer_loads();
  wait(call);
  EXPECT_EQ(call->body, "a");
}

TEST_F(Scripts, ThatAreMissingAreFoundAfterAChange) {
  auto missing = begin("a");
  wait(missing);
  ASSERT_TRUE(missing->failure);
  EXPECT_EQ(missing->failure->outcome, Outcome::ScriptNotFound);
  EXPECT_EQ(missing->failure->message, "Worker not found.");
  EXPECT_EQ(ask("a"), "failure: Worker not found.");
  EXPECT_EQ(loads_["a"], 1);  // remembered

  publish("a", answering("here now"));
  table_->on_script_changed("key-a");

  EXPECT_EQ(ask("a"), "here now");
}

TEST_F(Scripts, ThatAreMissingAreAskedForAgainAfterAWhile) {
  remake({.remember_missing = 20ms});
  EXPECT_EQ(ask("a"), "failure: Worker not found.");
  publish("a", answering("under another key"));
  run_for(30ms);
  EXPECT_EQ(ask("a"), "under another key");
}

TEST_F(Scripts, ThatAreDeletedAreMissing) {
  publish("a", answering("a"));
  EXPECT_EQ(ask("a"), "a");
  published_.clear();
  table_->on_script_changed("key-a");
  EXPECT_EQ(ask("a"), "failure: Worker not found.");
  table_->sweep();
  EXPECT_EQ(table_->isolate_count(), 0u);
}

TEST_F(Scripts, SplitTheirTrafficByPercentage) {
  publish("a", {{answering("stable"), 80}, {answering("canary"), 20}});
  int canary = 0;
  for (int i = 0; i < 500; ++i) canary += ask("a") == "canary";
  EXPECT_GT(canary, 50);  // 100 expected
  EXPECT_LT(canary, 160);
  EXPECT_EQ(table_->isolate_count(), 2u);
}

TEST_F(Scripts, WithAVersionAtZeroPercentNeverUseIt) {
  publish("a", {{answering("all"), 100}, {answering("none"), 0}});
  for (int i = 0; i < 50; ++i) EXPECT_EQ(ask("a"), "all");
}

TEST_F(Scripts, ThatDoNotStartSaySoEachTime) {
  publish("a", "nowhere()");
  EXPECT_NE(ask("a").find("ReferenceError: nowhere is not defined"), std::string::npos);
  EXPECT_NE(ask("a").find("ReferenceError: nowhere is not defined"), std::string::npos);
  EXPECT_EQ(log_.exceptions.size(), 1u);  // started once
  EXPECT_EQ(table_->isolate_count(), 0u);
  publish("a", answering("mended"));
  table_->on_script_changed("key-a");
  EXPECT_EQ(ask("a"), "mended");
}

TEST_F(Scripts, AreEvictedWhenTheyIdleAndStartAgain) {
  remake({.idle = 20ms});
  publish("a", "let n = 0; export default { fetch() { return new Response(String(++n)) } }");
  EXPECT_EQ(ask("a"), "1");
  EXPECT_EQ(ask("a"), "2");
  table_->sweep();
  EXPECT_EQ(table_->isolate_count(), 1u);
  run_for(30ms);
  table_->sweep();
  EXPECT_EQ(table_->isolate_count(), 0u);
  EXPECT_EQ(table_->evictions(), 1u);
  EXPECT_EQ(ask("a"), "1");
  EXPECT_EQ(loads_["a"], 1);
}

TEST_F(Scripts, ThatAreRunningAreNotEvicted) {
  remake({.memory_budget_bytes = 1, .idle = 1ms});
  publish(
      "a",
      "export default { async fetch() { await scheduler.wait(40); return new Response('done') } }");
  auto call = begin("a");
  run_for(10ms);
  table_->sweep();
  EXPECT_EQ(table_->isolate_count(), 1u);
  wait(call);
  EXPECT_EQ(call->body, "done");
  table_->sweep();
  EXPECT_EQ(table_->isolate_count(), 0u);
}

TEST_F(Scripts, AreEvictedOldestFirstWhenMemoryIsShort) {
  for (const char* name : {"a", "b", "c", "d"}) publish(name, answering(name));
  for (const char* name : {"a", "b", "c", "d"}) ask(name);
  table_->sweep();
  std::uint64_t bytes = table_->isolate_bytes();
  EXPECT_GT(bytes, 4u * 200'000);
  remake({.memory_budget_bytes = bytes / 4 * 3});
  for (const char* name : {"a", "b", "c", "d"}) ask(name);
  ask("a");  // now b is the oldest
  table_->sweep();
  EXPECT_LT(table_->isolate_count(), 4u);
  EXPECT_LE(table_->isolate_bytes(), bytes / 4 * 3);
  std::uint64_t before = log_.invocations.size();
  ask("a");
  EXPECT_EQ(log_.invocations.size(), before + 1);
}

TEST_F(Scripts, AreLimitedInTheNumberOfTheirIsolates) {
  remake({.max_isolates = 10});
  for (int i = 0; i < 30; ++i) {
    std::string name = "script-" + std::to_string(i);
    publish(name, answering(name));
    EXPECT_EQ(ask(name), name);
    EXPECT_LE(table_->isolate_count(), 10u);
  }
}

TEST_F(Scripts, ReplaceAnIsolateThatRanOutOfMemory) {
  publish("a",
          "let n = 0; export default { fetch(request) {"
          "  if (request.url.endsWith('/bomb')) { const a = []; for (;;) a.push(new "
          "ArrayBuffer(1e6)); }"
          "  return new Response(String(++n)) } }");
  EXPECT_EQ(ask("a"), "1");
  EXPECT_EQ(ask("a", {"/bomb"}), "failure: Worker exceeded memory limit.");
  EXPECT_EQ(ask("a"), "1");
  table_->sweep();
  EXPECT_EQ(table_->isolate_count(), 1u);
}

TEST_F(Scripts, OwnLimitsLowerThePlatforms) {
  script_limits_.cpu_ms = 20;
  publish("a", "export default { fetch() { for (;;); } }");
  EXPECT_EQ(ask("a"), "failure: Worker exceeded CPU time limit.");
  EXPECT_LT(log_.invocations.back().cpu, 1s);  // the platform's limit is thirty
}

TEST_F(Scripts, AreStoppedAtTheirWallTime) {
  ScriptTable::Settings settings;
  settings.limits.wall = 20ms;
  remake(settings);
  publish("a", "export default { async fetch() { await scheduler.wait(60_000) } }");
  auto call = begin("a");
  run_for(30ms);
  table_->sweep();
  wait(call);
  EXPECT_EQ(call->failure->outcome, Outcome::ExceededWallTime);
}

TEST_F(Scripts, HandInACodeCacheOnceAndUseIt) {
  publish("a", answering("a"));
  EXPECT_EQ(ask("a"), "a");
  ASSERT_EQ(caches_.size(), 1u);
  std::string cache = caches_.begin()->second;
  EXPECT_GT(cache.size(), 100u);
  caches_.clear();

  published_["a"][0].code_cache = cache;
  table_->on_script_changed("key-a");
  EXPECT_EQ(ask("a"), "a");
  EXPECT_TRUE(caches_.empty());

  published_["a"][0].code_cache = "rubbish";
  table_->on_script_changed("key-a");
  EXPECT_EQ(ask("a"), "a");
  EXPECT_EQ(caches_.size(), 1u);
}

TEST_F(Scripts, CallEachOtherThroughTargets) {
  publish("a", answering("a"));
  auto target = std::make_shared<ScriptTarget>(*table_, ScriptTable::Key{1, "a"}, "");
  directory_.on_outside = [target](runtime::HttpRequest request, runtime::CallOptions options,
                                   std::unique_ptr<runtime::ResponseReceiver> done) {
    target->call(std::move(request), std::move(options), std::move(done));
  };
  publish("b", "export default { fetch() { return fetch('http://a.test/') } }");
  EXPECT_EQ(ask("b"), "a");
}

TEST_F(Scripts, DifferentKeysAreDifferentScripts) {
  publish("", answering("script target"));
  publish("a", answering("user worker"));
  EXPECT_EQ(ask(""), "script target");
  EXPECT_EQ(ask("a"), "user worker");
}

class Pool : public runtime::WorkerFixture {};

TEST_F(Pool, FillsUpAgainWhenTheLoopIsFree) {
  IsolatePool pool(loop_, engine(), {kMemoryBytes, kMemoryBytes}, 2);
  pool.fill_later();
  run_for(50ms);
  EXPECT_EQ(pool.spare(), 2u);
  js::FreshIsolate one = pool.take();
  js::FreshIsolate two = pool.take();
  EXPECT_EQ(pool.spare(), 0u);
  js::FreshIsolate made = pool.take();  // an empty pool makes one at once
  EXPECT_TRUE(made.isolate);
  run_for(50ms);
  EXPECT_EQ(pool.spare(), 2u);
  for (js::FreshIsolate* fresh : {&one, &two, &made}) engine().dispose(std::move(*fresh));
}

TEST_F(Pool, OfSizeZeroMakesEachIsolateWhenAskedFor) {
  IsolatePool pool(loop_, engine(), {kMemoryBytes, kMemoryBytes}, 0);
  js::FreshIsolate fresh = pool.take();
  run_for(5ms);
  EXPECT_EQ(pool.spare(), 0u);
  engine().dispose(std::move(fresh));
}

}  // namespace
}  // namespace atoll::dispatch
