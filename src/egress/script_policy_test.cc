#include "egress/script_policy.h"

#include <gtest/gtest.h>

#include "egress/policy.h"

namespace atoll::egress {
namespace {

ScriptPolicy policy(const char* text) { return *parse_script_policy(*parse_json(text)); }

std::string mistake(const char* text) {
  auto parsed = parse_script_policy(*parse_json(text));
  return parsed ? "accepted" : parsed.error().message();
}

struct Asked {
  const char* host = "api.example";
  const char* address = "1.1.1.1";
  std::uint16_t port = 443;
  const char* method = "GET";
};
// "+rule" or "-rule".
std::string decision(const ScriptPolicy& policy, Asked asked, const Rules& rules = {}) {
  Request request;
  request.host = asked.host;
  request.port = asked.port;
  request.method = asked.method;
  AppliedPolicy applied{&policy, "script"};
  Decision made =
      decide(rules, request, boost::asio::ip::make_address(asked.address), {&applied, 1});
  return (made.allowed ? "+" : "-") + made.rule;
}

TEST(HostPattern, NamesMatchWholeLabels) {
  auto matches = [](const char* pattern, const char* host) {
    return HostPattern::parse(pattern)->matches(canonical_host(host));
  };
  EXPECT_TRUE(matches("api.example", "API.Example"));
  EXPECT_TRUE(matches("api.example", "api.example."));
  EXPECT_FALSE(matches("api.example", "xapi.example"));
  EXPECT_FALSE(matches("api.example", "api.example.org"));
  EXPECT_TRUE(matches("*.example", "a.b.example"));
  EXPECT_FALSE(matches("*.example", "example"));
  EXPECT_FALSE(matches("*.example", "badexample"));
  EXPECT_FALSE(matches("*.example", ".example"));
  EXPECT_TRUE(matches("*", "anything"));
  EXPECT_TRUE(matches("1.2.3.4", "::ffff:1.2.3.4"));
  EXPECT_TRUE(matches("2001:db8::1", "2001:0DB8:0::1"));
}

TEST(ScriptPolicy, TheFirstRuleThatMatchesCounts) {
  auto rules = policy(R"({"rules": [
    {"action": "deny", "host": "bad.api.example"},
    {"action": "allow", "host": "*.api.example", "ports": [443, "8000-8999"], "name": "theirs"},
    {"action": "deny", "cidr": "1.0.0.0/8", "methods": ["POST", "put"]},
    {"action": "allow", "cidr": "1.1.0.0/16"},
    {"action": "deny", "name": "rest"}]})");
  EXPECT_EQ(decision(rules, {"bad.api.example"}), "-script:rule-1");
  EXPECT_EQ(decision(rules, {"good.api.example"}), "+script:theirs");
  EXPECT_EQ(decision(rules, {"good.api.example", "9.9.9.9", 8500}), "+script:theirs");
  EXPECT_EQ(decision(rules, {"good.api.example", "9.9.9.9", 80}), "-script:rest");
  EXPECT_EQ(decision(rules, {"x.example", "1.1.2.3", 80, "POST"}), "-script:rule-3");
  EXPECT_EQ(decision(rules, {"x.example", "1.1.2.3", 80, "PUT"}), "-script:rule-3");
  EXPECT_EQ(decision(rules, {"x.example", "1.1.2.3", 80, ""}), "-script:rule-3");
  EXPECT_EQ(decision(rules, {"x.example", "1.1.2.3", 80, "GET"}), "+script:rule-4");
  EXPECT_EQ(decision(rules, {"x.example", "1.2.2.3", 80, "GET"}), "-script:rest");
}

TEST(ScriptPolicy, ANameNeverOpensTheInside) {
  auto rules = policy(R"({"rules": [{"action": "allow", "host": "*"}]})");
  EXPECT_EQ(decision(rules, {"rebound.example", "10.0.0.1"}), "-private");
  EXPECT_EQ(decision(rules, {"rebound.example", "127.0.0.1"}), "-loopback");
  EXPECT_EQ(decision(rules, {"mail.example", "1.1.1.1", 25}), "-port");
  auto everything = policy(R"({"rules": [{"action": "allow", "cidr": "0.0.0.0/0"}]})");
  EXPECT_EQ(decision(everything, {"x.example", "169.254.169.254"}), "-metadata");
}

TEST(ScriptPolicy, ARangeMarkedInternalDoesButNotTheManagementApi) {
  auto rules = policy(R"({"rules": [
    {"action": "allow", "cidr": "127.0.0.0/8", "internal": true, "ports": [7081, 25]}]})");
  EXPECT_EQ(decision(rules, {"x.example", "127.0.0.1", 25}), "+script:rule-1");
  EXPECT_EQ(decision(rules, {"x.example", "127.0.0.1", 80}), "-loopback");
  Rules platform;
  platform.management = {{boost::asio::ip::make_address("127.0.0.1"), 7081}};
  EXPECT_EQ(decision(rules, {"x.example", "127.0.0.1", 7081}, platform), "-management");
  platform.denied = {*AddressRange::parse("127.0.0.0/8")};
  EXPECT_EQ(decision(rules, {"x.example", "127.0.0.1", 25}, platform), "-denied-range");
}

TEST(ScriptPolicy, BytesOfUnknownMethodAreNotAllowedByARuleForSome) {
  auto rules =
      policy(R"({"rules": [{"action": "allow", "methods": ["GET"]}, {"action": "deny"}]})");
  EXPECT_EQ(decision(rules, {"a.example", "1.1.1.1", 443, "GET"}), "+script:rule-1");
  EXPECT_EQ(decision(rules, {"a.example", "1.1.1.1", 443, ""}), "-script:rule-2");
}

TEST(ScriptPolicy, MistakesAreNamed) {
  EXPECT_EQ(mistake("[]"), "a policy is an object with `rules` and `quotas`");
  EXPECT_EQ(mistake(R"({"rule": []})"), "there is no member `rule`");
  EXPECT_EQ(mistake(R"({"rules": [{"action": "allow"}, {"action": "maybe"}]})"),
            "rule 2: `action` must be \"allow\" or \"deny\"");
  EXPECT_EQ(mistake(R"({"rules": [{"action": "deny", "hosts": "x"}]})"),
            "rule 1: there is no member `hosts`");
  for (const char* host : {"", "a b", "*.*", "a.*", "*x", "ü.example", "a..b", ".a", "*.1:2"}) {
    Json rule = {{"action", "deny"}, {"host", host}};
    auto parsed = parse_script_policy(Json{{"rules", Json::array({rule})}});
    EXPECT_EQ(parsed.has_value(), std::string(host).empty()) << host;
  }
  EXPECT_EQ(mistake(R"({"rules": [{"action": "deny", "cidr": "10.0.0.0/33"}]})"),
            "rule 1: \"10.0.0.0/33\" is neither an IP address nor a range like 10.0.0.0/8");
  EXPECT_TRUE(mistake(R"({"rules": [{"action": "allow", "cidr": "10.0.0.0/8"}]})")
                  .ends_with("say `internal: true`"));
  EXPECT_EQ(mistake(R"({"rules": [{"action": "allow", "host": "x", "internal": true}]})"),
            "rule 1: `internal` belongs to a rule that allows a `cidr`");
  for (const char* ports :
       {"[0]", "[65536]", "[\"9-1\"]", "[]", "443", "[true]", "[\"1-\"]", "[-1]"}) {
    Json rule = {{"action", "deny"}, {"ports", *parse_json(ports)}};
    EXPECT_FALSE(parse_script_policy(Json{{"rules", Json::array({rule})}})) << ports;
  }
  EXPECT_EQ(mistake(R"({"quotas": {"connections": -1}})"),
            "`quotas`: `connections` must be a whole number from 0 to 1000000");
  EXPECT_EQ(mistake(R"({"quotas": {"bytes_per_window": 1, "window_seconds": 1}})"),
            "`quotas`: `window_seconds` must be a whole number from 60 to 2678400");
  EXPECT_EQ(mistake("{}"), "accepted");
}

}  // namespace
}  // namespace atoll::egress
