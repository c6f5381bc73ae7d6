#include "egress/gate.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <map>

namespace atoll::egress {
namespace {

using boost::asio::ip::tcp;

class FakeResolver final : public Resolver {
 public:
  Task<Result<std::vector<Address>>> resolve(std::string host) override {
    ++asked;
    if (never) {
      asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::seconds(1));
      co_await timer.async_wait(kAwaitTuple);
      ++ended;
    }
    auto found = names.find(host);
    if (found == names.end()) co_return fail(not_found("there is no address for this name"));
    std::vector<Address> addresses;
    for (const char* text : found->second) addresses.push_back(asio::ip::make_address(text));
    co_return addresses;
  }

  std::map<std::string, std::vector<const char*>> names;
  int asked = 0;
  int ended = 0;
  bool never = false;
};

class RecordingLog final : public DecisionLog {
 public:
  void decided(const Request& request, const Decided& decided) override {
    std::string line = std::string(verdict_name(decided.verdict)) + " " + decided.rule;
    if (!decided.address.empty()) line += " " + decided.address;
    for (const Judged& one : decided.judged) {
      if (decided.judged.size() > 1) line += (one.allowed ? " +" : " -") + one.address;
    }
    lines.push_back(std::move(line));
  }
  void ended(const Request& request, const Ended& connection) override {
    lines.push_back("ended " + std::to_string(connection.bytes_sent) + " " +
                    std::to_string(connection.bytes_received) + " " + connection.rule +
                    (connection.cut_by.empty() ? "" : " cut by " + connection.cut_by));
  }
  std::vector<std::string> lines;
};

class GateTest : public testing::Test {
 protected:
  GateTest() {
    rules_.allowed = {*AddressRange::parse("127.0.0.0/8")};
    resolver_.names["echo.example"] = {"127.0.0.1"};
    server_.listen();
  }

  Gate& gate() {
    if (!gate_) gate_.emplace(loop_, rules_, limits_, resolver_, log_);
    return *gate_;
  }

  void spawn(std::string host, std::uint16_t port, std::vector<Result<Gate::Opened>>& answers) {
    Request request{"account", "space",         script_, "version", "fetch",
                    method_,   std::move(host), port,    "fetch",   "r1"};
    asio::co_spawn(loop_, gate().open(std::move(request), 7),
                   [&answers](std::exception_ptr thrown, Result<Gate::Opened> opened) {
                     EXPECT_FALSE(thrown);
                     answers.push_back(std::move(opened));
                   });
  }
  Result<Gate::Opened> open(std::string host, std::uint16_t port) {
    std::vector<Result<Gate::Opened>> answers;
    spawn(std::move(host), port, answers);
    run_until([&] { return !answers.empty(); });
    return std::move(answers.front());
  }
  // "Denied: message".
  std::string refusal(std::string host, std::uint16_t port) {
    auto opened = open(std::move(host), port);
    if (opened) return "opened";
    return std::string(error_kind_name(opened.error().kind())) + ": " + opened.error().message();
  }
  template <typename Condition>
  void run_until(Condition condition) {
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition() && std::chrono::steady_clock::now() < end) {
      loop_.restart();
      loop_.run_for(std::chrono::milliseconds(5));
    }
    EXPECT_TRUE(condition());
  }
  std::uint16_t port() { return server_.local_endpoint().port(); }

  asio::io_context loop_{1};
  // Of the script, or with `script` empty of its namespace.
  void set_policy(const char* script, const char* text) {
    auto policy = parse_script_policy(*parse_json(text));
    ASSERT_TRUE(policy) << policy.error().message();
    gate().set_policy({"account", "space", script}, *std::move(policy));
  }

  std::string script_ = "script";
  std::string method_ = "GET";
  Rules rules_;
  Limits limits_;
  FakeResolver resolver_;
  RecordingLog log_;
  tcp::acceptor server_{loop_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::optional<Gate> gate_;
};

TEST_F(GateTest, HandsOverAConnectedSocketAndCountsIt) {
  auto opened = open("echo.example", port());
  ASSERT_TRUE(opened) << opened.error().message();
  EXPECT_EQ(opened->remote_address, "127.0.0.1:" + std::to_string(port()));
  EXPECT_TRUE(opened->local_address.starts_with("127.0.0.1:"));
  EXPECT_EQ(gate().open_connections(), 1u);

  tcp::socket accepted = server_.accept();
  EXPECT_EQ(::send(opened->socket.get(), "hello", 5, 0), 5);
  char bytes[8];
  EXPECT_EQ(asio::read(accepted, asio::buffer(bytes, 5)), 5u);
  asio::write(accepted, asio::buffer("ok", 2));
  run_until([&] { return ::recv(opened->socket.get(), bytes, 8, MSG_PEEK | MSG_DONTWAIT) == 2; });

  ::shutdown(opened->socket.get(), SHUT_RDWR);
  run_until([&] { return gate().open_connections() == 0; });
  EXPECT_EQ(log_.lines, (std::vector<std::string>{"allowed allowed-range 127.0.0.1",
                                                  "ended 5 2 allowed-range"}));
}

TEST_F(GateTest, RefusesByTheResolvedAddress) {
  resolver_.names["inside.example"] = {"10.0.0.1"};
  EXPECT_EQ(refusal("inside.example", 80),
            "denied: connecting to inside.example port 80: refused by the rule \"private\"");
  resolver_.names["mapped.example"] = {"::ffff:169.254.169.254"};
  EXPECT_EQ(refusal("mapped.example", 80),
            "denied: connecting to mapped.example port 80: refused by the rule \"metadata\"");
}

TEST_F(GateTest, ConnectsToJudgedAddressesOnly) {
  resolver_.names["mixed.example"] = {"10.0.0.1", "::1", "127.0.0.1"};
  auto opened = open("mixed.example", port());
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->remote_address, "127.0.0.1:" + std::to_string(port()));
  EXPECT_EQ(resolver_.asked, 1);
  EXPECT_EQ(
      log_.lines,
      (std::vector<std::string>{"allowed allowed-range 127.0.0.1 -10.0.0.1 -::1 +127.0.0.1"}));
}

TEST_F(GateTest, TriesTheNextAddressWhenOneRefuses) {
  resolver_.names["two.example"] = {"127.0.0.2", "127.0.0.1"};
  auto opened = open("two.example", port());
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->remote_address, "127.0.0.1:" + std::to_string(port()));
}

TEST_F(GateTest, TellsWhatWentWrong) {
  EXPECT_EQ(refusal("nowhere.example", 80),
            "not found: connecting to nowhere.example port 80: there is no address for this name");
  std::uint16_t closed = port();
  server_.close();
  EXPECT_EQ(refusal("echo.example", closed), "unavailable: connecting to echo.example port " +
                                                 std::to_string(closed) +
                                                 ": the connection was refused");
  for (const char* host : {"", "a b", "a/b", "fe80::1%eth0", "[::1]", "a\n"}) {
    EXPECT_TRUE(refusal(host, 80).starts_with("invalid input: ")) << host;
  }
}

TEST_F(GateTest, AnUnansweredLookupEndsInTime) {
  limits_.connect_timeout = std::chrono::milliseconds(20);
  resolver_.never = true;
  EXPECT_EQ(refusal("echo.example", 80),
            "unavailable: connecting to echo.example port 80: looking up the name timed out");
  run_until([&] { return resolver_.ended == 1; });
}

TEST_F(GateTest, AScriptHasSoManyConnectionsAndNoMore) {
  limits_.connections_per_script = 2;
  auto first = open("echo.example", port());
  auto second = open("echo.example", port());
  ASSERT_TRUE(first && second);
  EXPECT_EQ(refusal("echo.example", port()),
            "limit reached: connecting to echo.example port " + std::to_string(port()) +
                ": this script has too many open connections (egress.connections_per_script)");

  ::shutdown(first->socket.get(), SHUT_RDWR);
  run_until([&] { return gate().open_connections() == 1; });
  EXPECT_TRUE(open("echo.example", port()));
}

TEST_F(GateTest, AScriptOpensSoManyAtOnceAndNoMore) {
  limits_.opening_per_script = 2;
  std::vector<Result<Gate::Opened>> answers;
  for (int i = 0; i < 3; ++i) spawn("echo.example", port(), answers);
  run_until([&] { return answers.size() == 3; });
  EXPECT_EQ(std::ranges::count_if(answers, [](auto& answer) { return answer.has_value(); }), 2);
  EXPECT_TRUE(open("echo.example", port()));
}

TEST_F(GateTest, AHostThatIsGoneTakesItsConnectionsWithIt) {
  auto opened = open("echo.example", port());
  ASSERT_TRUE(opened);
  tcp::socket accepted = server_.accept();
  opened->socket.reset();
  EXPECT_EQ(gate().open_connections(), 1u);

  gate().release(6);
  EXPECT_EQ(gate().open_connections(), 1u);
  gate().release(7);
  EXPECT_EQ(gate().open_connections(), 0u);
  char byte;
  boost::system::error_code error;
  accepted.read_some(asio::buffer(&byte, 1), error);
  EXPECT_EQ(error, asio::error::eof);
}

TEST_F(GateTest, RulesOfScriptAndNamespaceDecideInThatOrder) {
  set_policy("", R"({"rules": [{"action": "deny", "name": "none"}]})");
  EXPECT_EQ(refusal("echo.example", 80),
            "denied: connecting to echo.example port 80: refused by the rule \"namespace:none\"");
  set_policy("script", R"({"rules": [{"action": "allow", "host": "*.example"}]})");
  auto opened = open("echo.example", port());
  ASSERT_TRUE(opened);
  EXPECT_FALSE(opened->is_for_method);
  EXPECT_EQ(log_.lines.back(), "allowed script:rule-1 127.0.0.1");

  gate().remove_policy({"account", "space", "script"});
  EXPECT_EQ(gate().open_connections(), 0u);
  EXPECT_EQ(log_.lines.back(), "ended 0 0 script:rule-1 cut by policy");
}

TEST_F(GateTest, ConnectionsAreForOneMethodWhereRulesTellMethodsApart) {
  auto free = open("echo.example", port());
  ASSERT_TRUE(free);
  set_policy("script", R"({"rules": [{"action": "deny", "methods": ["POST"]}]})");
  EXPECT_EQ(gate().open_connections(), 0u) << "it could have carried a POST";
  auto bound = open("echo.example", port());
  ASSERT_TRUE(bound);
  EXPECT_TRUE(bound->is_for_method);
  set_policy("script", R"({"rules": [{"action": "deny", "methods": ["PUT"]}]})");
  EXPECT_EQ(gate().open_connections(), 1u);
  method_ = "put";
  EXPECT_TRUE(refusal("echo.example", port()).ends_with("\"script:rule-1\""));
  method_ = "";  // bytes of any kind
  EXPECT_TRUE(refusal("echo.example", port()).ends_with("\"script:rule-1\""));
}

TEST_F(GateTest, QuotasOfConnections) {
  set_policy("", R"({"quotas": {"connections": 1, "new_connections_per_minute": 3}})");
  auto first = open("echo.example", port());
  ASSERT_TRUE(first);
  EXPECT_TRUE(refusal("echo.example", port()).ends_with("(quota connections)"));
  EXPECT_EQ(log_.lines.back(), "refused quota:connections");
  set_policy("script", R"({"quotas": {"connections": 5}})");
  EXPECT_TRUE(open("echo.example", port()));
  EXPECT_TRUE(open("echo.example", port()));
  EXPECT_TRUE(refusal("echo.example", port()).ends_with("(quota new_connections_per_minute)"));
}

TEST_F(GateTest, AScriptThatMovedItsBytesIsCutOff) {
  set_policy("script", R"({"quotas": {"bytes_per_window": 1000}})");
  auto opened = open("echo.example", port());
  ASSERT_TRUE(opened);
  auto other = open("echo.example", port());
  tcp::socket accepted = server_.accept();
  std::string bytes(800, 'x');
  asio::write(accepted, asio::buffer(bytes));
  asio::steady_timer timer(loop_, std::chrono::milliseconds(300));
  bool waited = false;
  timer.async_wait([&](boost::system::error_code) { waited = true; });
  run_until([&] { return waited; });
  EXPECT_EQ(gate().open_connections(), 2u);

  EXPECT_EQ(::send(opened->socket.get(), bytes.data(), bytes.size(), 0), 800);
  run_until([&] { return gate().open_connections() == 0; });
  EXPECT_TRUE(log_.lines.back().ends_with("cut by quota:bytes")) << log_.lines.back();
  EXPECT_EQ(::send(opened->socket.get(), "x", 1, MSG_NOSIGNAL), -1);
  EXPECT_TRUE(refusal("echo.example", port()).ends_with("(quota bytes_per_window)"));
}

TEST_F(GateTest, WhatIsCountedOutlivesAGate) {
  set_policy("script", R"({"quotas": {"bytes_per_window": 1000}})");
  auto opened = open("echo.example", port());
  std::string bytes(1200, 'x');
  EXPECT_EQ(::send(opened->socket.get(), bytes.data(), bytes.size(), 0), 1200);
  run_until([&] { return gate().open_connections() == 0; });
  Json counted = gate().counted_bytes();
  EXPECT_EQ(counted.size(), 1u);

  gate_.emplace(loop_, rules_, limits_, resolver_, log_);
  gate().restore_counted_bytes(*parse_json(R"({"a/b/c": 7, "d": {"ends": "x"}})"));
  gate().restore_counted_bytes(counted);
  EXPECT_TRUE(open("echo.example", port()));
  set_policy("script", R"({"quotas": {"bytes_per_window": 1000}})");
  EXPECT_TRUE(refusal("echo.example", port()).ends_with("(quota bytes_per_window)"));
}

TEST_F(GateTest, LookupsThatHangLeaveRoomForOthers) {
  limits_.lookups = 8;
  limits_.lookups_when_busy = 1;
  resolver_.never = true;
  std::vector<Result<Gate::Opened>> answers;
  for (int i = 0; i < 6; ++i) spawn("silent.example", port(), answers);
  run_until([&] { return answers.size() == 2; });
  EXPECT_TRUE(answers[0].error().message().ends_with("too many names are being looked up"));
  script_ = "other";
  spawn("silent.example", port(), answers);
  loop_.restart();
  loop_.run_for(std::chrono::milliseconds(10));
  EXPECT_EQ(answers.size(), 2u) << "it is being looked up";
  run_until([&] { return answers.size() == 7; });
}

TEST(SystemResolver, UnderstandsOddSpellingsOfAddresses) {
  asio::io_context loop(1);
  SystemResolver resolver;
  for (const char* host : {"127.0.0.1", "::ffff:127.0.0.1", "2130706433", "0x7f.1", "127.1",
                           "0177.0.0.1", "localhost"}) {
    bool loopback = false;
    asio::co_spawn(loop, resolver.resolve(host),
                   [&](std::exception_ptr, Result<std::vector<Address>> addresses) {
                     loopback =
                         addresses && std::ranges::all_of(*addresses, [](const Address& address) {
                           return kind_of(address) == AddressKind::Loopback;
                         });
                   });
    loop.restart();
    loop.run();
    EXPECT_TRUE(loopback) << host;
  }
}

}  // namespace
}  // namespace atoll::egress
