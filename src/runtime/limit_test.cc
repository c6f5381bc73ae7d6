// Limits that are counted: subrequests, hops, wall time, log lines.
#include "runtime/testing/worker_fixture.h"

namespace atoll::runtime {
namespace {

using namespace std::chrono_literals;

class CountedLimit : public WorkerFixture {
 protected:
  void answer_outside() {
    directory_.on_outside = [](HttpRequest, CallOptions, std::unique_ptr<ResponseReceiver> done) {
      HttpResponse response;
      response.body = std::string("outside");
      done->on_response(std::move(response));
    };
  }
};

constexpr std::string_view kFetchUntilRefused = R"(
  let n = 0;
  try { for (;;) { await (await fetch('https://outside.test/')).text(); n++; } }
  catch (error) { return new Response(`${n} ${error.name}: ${error.message}`); })";

TEST_F(CountedLimit, SubrequestsAreRefusedBeyondTheLimit) {
  answer_outside();
  ScriptSource source = handler(kFetchUntilRefused);
  source.limits.subrequests = 5;
  auto worker = start(std::move(source));
  EXPECT_EQ(text(worker), "5 Error: Too many subrequests.");
  EXPECT_EQ(log_.invocations.back().subrequests, 5u);
  EXPECT_EQ(text(worker), "5 Error: Too many subrequests.");  // each invocation has its own count
}

TEST_F(CountedLimit, KvOperationsAreSubrequests) {
  border::Binding kv;
  kv.name = "KV";
  kv.type = "kv_namespace";
  kv.handle = 9;
  ScriptSource source = handler(R"(
    const said = [];
    for (const run of [() => env.KV.put('a', '1'), () => env.KV.get('a'), () => env.KV.list(), () => env.KV.delete('a')])
      await run().then(() => said.push('done'), (error) => said.push(error.message));
    return Response.json(said);)");
  source.bindings = {kv};
  source.limits.subrequests = 3;
  EXPECT_EQ(text(std::move(source)), R"(["done","done","done","Too many subrequests."])");
}

TEST_F(CountedLimit, TheDispatchersSubrequestLimitLowersTheScripts) {
  answer_outside();
  ScriptSource source = handler(kFetchUntilRefused);
  source.limits.subrequests = 5;
  auto worker = start(std::move(source));
  for (auto [given, effective] : {std::pair{2, "2"}, {0, "0"}, {100, "5"}, {-1, "5"}}) {
    CallOptions options;
    options.subrequests = given;
    EXPECT_EQ(text(worker, {.options = options}),
              std::string(effective) + " Error: Too many subrequests.");
  }
}

TEST_F(CountedLimit, AChainOfSeventeenWorkersFailsAndOneOfSixteenDoesNot) {
  auto last = start(handler("return new Response('the end')"));
  auto next = last;
  std::vector<std::shared_ptr<Worker>> chain{last};
  for (int i = 1; i < 17; ++i) {
    ScriptSource source = handler("return env.NEXT.fetch(request)");
    source.bindings = {service("NEXT", next)};
    next = start(std::move(source));
    chain.push_back(next);
  }
  EXPECT_EQ(text(chain[15]), "the end");  // sixteen Workers

  Call call = fetch(chain[16]);

  ASSERT_TRUE(call.failure);
  EXPECT_TRUE(call.failure->hop_limit);
  EXPECT_TRUE(call.failure->message.starts_with("Subrequest depth limit exceeded."));
}

TEST_F(CountedLimit, WallTimeIsLimited) {
  ScriptSource source = handler("await scheduler.wait(60_000); return new Response('late')");
  source.limits.wall = 20ms;
  auto worker = start(std::move(source));
  auto call = send(worker);
  worker->enforce_wall_time(std::chrono::steady_clock::now());
  EXPECT_FALSE(call->answered);
  run_for(25ms);
  worker->enforce_wall_time(std::chrono::steady_clock::now());
  wait(call);
  EXPECT_EQ(call->failure->outcome, Outcome::ExceededWallTime);
  EXPECT_TRUE(worker->idle());
}

TEST_F(CountedLimit, ConsoleOutputIsCutAtTheLimit) {
  ScriptSource source = handler(R"(
    for (let i = 0; i < 1000; i++) console.log('x'.repeat(99));
    return new Response('fine');)");
  source.limits.log_bytes = 1000;
  auto worker = start(std::move(source));
  EXPECT_EQ(text(worker), "fine");
  std::size_t bytes = 0;
  for (auto& line : log_.lines) bytes += line.text.size();
  EXPECT_GE(bytes, 990u);
  EXPECT_LT(bytes, 1100u);
  EXPECT_NE(log_.lines.back().text.find("log limit reached"), std::string::npos);
  std::size_t lines = log_.lines.size();
  EXPECT_EQ(text(worker), "fine");  // the next invocation starts anew
  EXPECT_EQ(log_.lines.size(), 2 * lines);
}

TEST_F(CountedLimit, EveryConsoleLineNamesItsLevelAndRequest) {
  CallOptions options;
  options.request_id = "request-7";
  auto worker =
      start(handler("console.debug('d'); console.info('i'); console.log('l'); console.warn('w'); "
                    "console.error('e');"
                    "return new Response('fine')"));
  EXPECT_EQ(text(worker, {.options = options}), "fine");
  ASSERT_EQ(log_.lines.size(), 5u);
  ConsoleLevel levels[] = {ConsoleLevel::Debug, ConsoleLevel::Info, ConsoleLevel::Log,
                           ConsoleLevel::Warn, ConsoleLevel::Error};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(log_.lines[i].level, levels[i]);
    EXPECT_EQ(log_.lines[i].request_id, "request-7");
  }
  EXPECT_EQ(log_.invocations.back().request_id, "request-7");
}

TEST_F(CountedLimit, TimersAreLimitedInNumber) {
  auto worker = start(handler(R"(
    try { for (let i = 0; i < 20_000; i++) setTimeout(() => {}, 100_000); }
    catch (error) { return new Response(error.message); }
    return new Response('no limit');)"));
  EXPECT_EQ(text(worker),
            "You have exceeded the number of active timeouts you may set. max active timeouts: "
            "10000, current active timeouts: 10000, finished timeouts: 0");
}

}  // namespace
}  // namespace atoll::runtime
