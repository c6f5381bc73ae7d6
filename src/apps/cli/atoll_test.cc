// The program as its users see it: options, the configuration file, the ready line, its exit. In
// the place of atoll-host stands the fake host of sandbox_test.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "apps/cli/command_line.h"
#include "apps/platform/config_file.h"
#include "base/json.h"
#include "base/unique_fd.h"
#include "sandbox/supervisor/listening_socket.h"

namespace atoll::cli {
namespace {

using platform::Settings;

Result<CommandLine> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "atoll");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

TEST(CommandLine, OptionsWinOverTheFileAndTheFileOverDefaults) {
  std::string file = testing::TempDir() + "atoll-options.toml";
  std::ofstream(file) << "domain = \"file.test\"\nhosts = 3\n[limits]\ncpu_ms = 50\n"
                         "memory_bytes = \"64 MiB\"\n[log]\nlevel = \"warn\"\n";
  auto line = parse(
      {"serve", "--config", file.c_str(), "--domain", "option.test", "--set", "limits.hops=4"});
  ASSERT_TRUE(line) << line.error().message();
  EXPECT_EQ(line->settings.domain, "option.test");
  EXPECT_EQ(line->settings.hosts, 3u);
  EXPECT_EQ(line->settings.limits.cpu_ms, 50u);
  EXPECT_EQ(line->settings.limits.memory_bytes, 64u << 20);
  EXPECT_EQ(line->settings.limits.hops, 4u);
  EXPECT_EQ(line->settings.log_level, border::LogLevel::Warn);
  EXPECT_EQ(line->settings.limits.subrequests, Settings().limits.subrequests);
}

TEST(CommandLine, HelpNamesEveryOptionAndSetting) {
  auto help = parse({"serve", "--help"});
  ASSERT_TRUE(help);
  EXPECT_EQ(help->action, Action::Print);
  for (const char* word : {"--data", "--bootstrap-token", "limits.memory_bytes", "uploads."}) {
    EXPECT_NE(help->text.find(word), std::string::npos) << word;
  }
}

TEST(CommandLine, MistakesAreNamed) {
  auto message = [](std::vector<const char*> arguments) {
    auto line = parse(arguments);
    return line ? "accepted" : line.error().message();
  };
  EXPECT_NE(message({"serve", "--colour", "blue"}).find("--colour"), std::string::npos);
  EXPECT_NE(message({}).find("subcommand"), std::string::npos);
  EXPECT_EQ(message({"serve", "--hosts", "many"}), "hosts: \"many\" is not a whole number");
  EXPECT_EQ(message({"serve", "--hosts", "-1"}), "hosts: \"-1\" is not a whole number");
  EXPECT_EQ(message({"serve", "--hosts", "9999"}), "hosts: \"9999\" is not between 0 and 1024");
  EXPECT_EQ(message({"serve", "--set", "limits.colour=1"}), "unknown setting limits.colour");
  EXPECT_EQ(message({"serve", "--set", "limits.cpu_ms"}),
            "--set limits.cpu_ms: expected NAME=VALUE");
  EXPECT_EQ(message({"serve", "--log-level", "loud"}),
            "log.level: \"loud\" is not one of debug, info, warn, error");
  EXPECT_EQ(message({"serve", "--config", "/nonexistent.toml"}),
            "/nonexistent.toml: the configuration file cannot be read");
}

TEST(ConfigFile, MistakesAreNamedWithTheFile) {
  auto message = [](std::string_view text) {
    Settings settings;
    auto read = platform::read_config(text, "atoll.toml", settings);
    return read ? "accepted" : read.error().message();
  };
  EXPECT_EQ(message("hosts = 2\n"), "accepted");
  EXPECT_EQ(message("colour = 1\n"), "atoll.toml: unknown setting colour");
  EXPECT_EQ(message("[limits]\ncolour = 1\n"), "atoll.toml: unknown setting limits.colour");
  EXPECT_EQ(message("hosts = \"many\"\n"), "atoll.toml: hosts: \"many\" is not a whole number");
  EXPECT_EQ(message("hosts = 1.5\n"),
            "atoll.toml: hosts: a value of the kind floating-point is not possible here");
  EXPECT_TRUE(message("a = 1\nhosts = \n").starts_with("atoll.toml line 2: "));
}

TEST(Settings, EveryNameIsUniqueAndAcceptsItsKind) {
  std::vector<std::string> seen;
  seen.reserve(platform::all_settings().size());
  for (const auto& setting : platform::all_settings()) {
    EXPECT_EQ(std::ranges::count(seen, setting.name), 0) << setting.name;
    seen.push_back(setting.name);
    Settings settings;
    constexpr const char* kSamples[] = {"info",       "auto",         "system", "true",
                                        "10",         "1000",         "64 MiB", "4 GiB",
                                        "10.0.0.0/8", "127.0.0.1:53", "/a/file"};
    EXPECT_TRUE(std::ranges::any_of(kSamples, [&](const char* sample) {
      return setting.assign(settings, sample).has_value();
    })) << setting.name;
  }
}

// A run of build/atoll.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments) {
    std::string folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    arguments.insert(arguments.begin(), folder + "/atoll");
    int out[2], err[2];
    EXPECT_EQ(::pipe2(out, O_CLOEXEC) + ::pipe2(err, O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(out[1], 1);
      ::dup2(err[1], 2);
      std::vector<char*> pointers;
      pointers.reserve(arguments.size() + 1);
      for (auto& argument : arguments) pointers.push_back(argument.data());
      pointers.push_back(nullptr);
      ::execv(pointers[0], pointers.data());
      ::_exit(99);
    }
    out_ = UniqueFd(out[0]);
    err_ = UniqueFd(err[0]);
    ::close(out[1]);
    ::close(err[1]);
  }
  ~Program() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }

  std::string line() { return read_until(out_, "\n"); }
  std::string errors() { return read_until(err_, ""); }
  void signal(int number) { ::kill(pid_, number); }
  int exit_status() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  static std::string read_until(UniqueFd& from, std::string_view end) {
    std::string all;
    pollfd readable{from.get(), POLLIN, 0};
    while ((end.empty() || !all.ends_with(end)) && ::poll(&readable, 1, 15'000) > 0) {
      char byte;
      if (::read(from.get(), &byte, 1) != 1) break;
      all.push_back(byte);
    }
    return all;
  }

  pid_t pid_ = 0;
  UniqueFd out_;
  UniqueFd err_;
};

class AtollTest : public testing::Test {
 protected:
  AtollTest() {
    folder_ = testing::TempDir() + "atoll-program-XXXXXX";
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    host_ =
        std::filesystem::read_symlink("/proc/self/exe").parent_path().string() + "/sandbox_test";
  }
  ~AtollTest() override { std::filesystem::remove_all(folder_); }

  std::vector<std::string> serve(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {
        "serve",       "--data", folder_ + "/data",      "--http",
        "127.0.0.1:0", "--api",  "127.0.0.1:0",          "--hosts",
        "1",           "--set",  "host_program=" + host_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  void expect_refusal(std::vector<std::string> arguments, std::string_view message) {
    Program run(std::move(arguments));
    std::string errors = run.errors();
    EXPECT_EQ(run.exit_status(), 2) << errors;
    EXPECT_EQ(std::ranges::count(errors, '\n'), 1) << errors;
    EXPECT_NE(errors.find(message), std::string::npos) << errors;
    EXPECT_EQ(run.line(), "");
  }

  std::string folder_;
  std::string host_;
};

TEST_F(AtollTest, PrintsOneReadyLineAndStopsOnSigterm) {
  Program run(serve({"--bootstrap-account", "acc", "--bootstrap-token", "token-of-the-test"}));
  auto ready = parse_json(run.line());
  ASSERT_TRUE(ready) << run.errors();
  EXPECT_TRUE(json_bool(*ready, "ready", false));
  EXPECT_TRUE(json_string(*ready, "http").starts_with("127.0.0.1:"));
  EXPECT_TRUE(json_string(*ready, "api").starts_with("127.0.0.1:"));
  EXPECT_EQ(json_string(*ready, "account_id"), "acc");
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/data/api-token"));
  auto began = std::chrono::steady_clock::now();
  run.signal(SIGTERM);
  EXPECT_EQ(run.exit_status(), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(3));
  std::string log = run.errors();
  EXPECT_NE(log.find("\"event\":\"platform_ready\""), std::string::npos);
  EXPECT_NE(log.find("\"event\":\"platform_stopped\""), std::string::npos);
  EXPECT_EQ(log.find("token-of-the-test"), std::string::npos);
}

TEST_F(AtollTest, MakesAnAccountAndATokenOnlyTheOwnerCanRead) {
  std::string account;
  {
    Program run(serve());
    auto ready = parse_json(run.line());
    ASSERT_TRUE(ready) << run.errors();
    account = json_string(*ready, "account_id");
    EXPECT_EQ(account.size(), 32u);
    run.signal(SIGKILL);
    run.exit_status();
  }
  struct stat info{};
  ASSERT_EQ(::stat((folder_ + "/data/api-token").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_EQ(::stat((folder_ + "/data").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0077, 0u);
  Program again(serve());
  auto ready = parse_json(again.line());
  ASSERT_TRUE(ready) << again.errors();
  EXPECT_EQ(json_string(*ready, "account_id"), account);
  again.signal(SIGINT);
  EXPECT_EQ(again.exit_status(), 0);
}

TEST_F(AtollTest, RefusesToStartWithOneLineAndStatusTwo) {
  expect_refusal(serve({"--colour", "blue"}), "--colour");
  expect_refusal(serve({"--bootstrap-account", "acc"}), "bootstrap_token");
  expect_refusal(serve({"--domain", "No Domain"}), "domain");
  auto taken = sandbox::listen_on("127.0.0.1:0");
  ASSERT_TRUE(taken);
  std::vector<std::string> arguments = serve();
  arguments[4] = taken->address;
  expect_refusal(arguments, "http: the address " + taken->address + " is in use");
  std::ofstream(folder_ + "/file") << "";
  arguments = serve();
  arguments[2] = folder_ + "/file/data";
  expect_refusal(arguments, "data: ");
  expect_refusal(serve({"--log-file", folder_ + "/absent/log"}), "/absent/log");
  expect_refusal(serve({"--set", "host_program=/nonexistent/atoll-host"}),
                 "/nonexistent/atoll-host");
}

TEST_F(AtollTest, TwoDoNotShareAFolder) {
  Program first(serve());
  ASSERT_NE(first.line(), "");
  expect_refusal(serve(), "in use");
}

TEST_F(AtollTest, WritesItsLogToAFileWhereAsked) {
  Program run(serve({"--log-file", folder_ + "/log", "--log-format", "text"}));
  ASSERT_NE(run.line(), "");
  run.signal(SIGTERM);
  EXPECT_EQ(run.exit_status(), 0);
  EXPECT_EQ(run.errors(), "");
  std::ostringstream log;
  log << std::ifstream(folder_ + "/log").rdbuf();
  EXPECT_NE(log.str().find(" info  host_ready host=0 "), std::string::npos) << log.str();
}

}  // namespace
}  // namespace atoll::cli
