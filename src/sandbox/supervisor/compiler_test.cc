#include "sandbox/supervisor/compiler.h"

#include "sandbox/supervisor/platform_under_test.h"

namespace atoll::sandbox {
namespace {

class CompilerTest : public PlatformTest {
 protected:
  Compiler::Options options(std::string mode = "good") {
    Compiler::Options options;
    options.process = {"/proc/self/exe", {"atoll-host", "--fake-host", mode}, {}, {}};
    options.check_within = std::chrono::milliseconds(300);
    options.start_within = std::chrono::milliseconds(2000);
    return options;
  }

  Result<Compiler::Outcome> check(Compiler& compiler, std::string code) {
    return run(compiler.check(request(std::move(code))));
  }

  static scripts::ScriptChecker::Request request(std::string code) {
    scripts::ScriptChecker::Request request;
    request.bundle = std::make_shared<const std::string>(std::move(code));
    request.compatibility_date = "2026-01-01";
    return request;
  }
};

TEST_F(CompilerTest, StartsOnDemandAndServesCheckAfterCheck) {
  Compiler compiler(loop_, options(), log_);
  EXPECT_FALSE(compiler.running());
  auto first = check(compiler, "good code");
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(first->error, "");
  EXPECT_EQ(first->handlers, (std::vector<std::string>{"fetch", "2026-01-01"}));
  auto second = check(compiler, "bad code");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->error, "SyntaxError: bad");
  EXPECT_EQ(second->startup_time_ms, first->startup_time_ms);  // its process id: the same process
}

TEST_F(CompilerTest, ACheckThatHangsIsRejectedAndTheNextOneIsMadeByANewProcess) {
  Compiler compiler(loop_, options(), log_);
  std::vector<std::string> errors;
  for (std::string code : {"hang", "fine"}) {
    asio::co_spawn(loop_, compiler.check(request(code)), [&](auto, auto outcome) {
      errors.push_back(outcome ? outcome->error : outcome.error().message());
    });
  }
  auto began = std::chrono::steady_clock::now();
  while (errors.size() < 2 && std::chrono::steady_clock::now() - began < std::chrono::seconds(5)) {
    pass(std::chrono::milliseconds(20));
  }
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0], "Script startup exceeded its time limit.");
  EXPECT_EQ(errors[1], "");
}

TEST_F(CompilerTest, ACheckThatBringsTheProcessDownIsRejected) {
  Compiler compiler(loop_, options(), log_);
  auto crashed = check(compiler, "crash");
  ASSERT_TRUE(crashed);
  EXPECT_NE(crashed->error.find("signal 6"), std::string::npos) << crashed->error;
  EXPECT_EQ(check(compiler, "fine")->error, "");
}

TEST_F(CompilerTest, IsUnavailableWhenTheProcessCannotWork) {
  Compiler dies(loop_, options("dies"), log_);
  EXPECT_EQ(check(dies, "fine").error().kind(), ErrorKind::Unavailable);
  Compiler mute(loop_, options("mute"), log_);
  EXPECT_EQ(check(mute, "fine").error().kind(), ErrorKind::Unavailable);
  auto absent = options();
  absent.process.executable = "/nonexistent/atoll-host";
  Compiler nothing(loop_, absent, log_);
  EXPECT_EQ(check(nothing, "fine").error().kind(), ErrorKind::Unavailable);
}

TEST_F(CompilerTest, StopsWhenThereIsNothingToDo) {
  auto brief = options();
  brief.idle_stop = std::chrono::milliseconds(50);
  Compiler compiler(loop_, brief, log_);
  ASSERT_TRUE(check(compiler, "fine"));
  EXPECT_TRUE(compiler.running());
  pass(std::chrono::milliseconds(200));
  EXPECT_FALSE(compiler.running());
  EXPECT_EQ(check(compiler, "fine")->error, "");
}

TEST_F(CompilerTest, RefusesMoreThanItsQueueHolds) {
  auto small = options();
  small.max_waiting = 1;
  Compiler compiler(loop_, small, log_);
  int refused = 0;
  for (int i = 0; i < 3; ++i) {
    asio::co_spawn(loop_, compiler.check(request("fine")), [&](auto, auto outcome) {
      if (!outcome) refused += outcome.error().kind() == ErrorKind::Unavailable;
    });
  }
  pass(std::chrono::milliseconds(300));
  EXPECT_EQ(refused, 2);
}

}  // namespace
}  // namespace atoll::sandbox
