#include "egress/policy.h"

#include <gtest/gtest.h>

namespace atoll::egress {
namespace {

Address address(const char* text) { return boost::asio::ip::make_address(text); }

AddressRange range(const char* text) { return *AddressRange::parse(text); }

// "+rule" or "-rule".
std::string decision(const Rules& rules, const char* to, std::uint16_t port = 443) {
  Request request;
  request.host = "somewhere.example";
  request.port = port;
  Decision made = decide(rules, request, address(to));
  return (made.allowed ? "+" : "-") + made.rule;
}

TEST(Decide, AllowsThePublicInternetAndNothingElse) {
  Rules rules;
  EXPECT_EQ(decision(rules, "1.1.1.1"), "+public");
  EXPECT_EQ(decision(rules, "2606:4700::1111"), "+public");
  EXPECT_EQ(decision(rules, "64:ff9b::1.1.1.1"), "+public");
  EXPECT_EQ(decision(rules, "127.0.0.1"), "-loopback");
  EXPECT_EQ(decision(rules, "::1"), "-loopback");
  EXPECT_EQ(decision(rules, "0.0.0.0"), "-unspecified");
  EXPECT_EQ(decision(rules, "10.0.0.1"), "-private");
  EXPECT_EQ(decision(rules, "fe80::1"), "-link-local");
  EXPECT_EQ(decision(rules, "169.254.169.254"), "-metadata");
  EXPECT_EQ(decision(rules, "::ffff:169.254.169.254"), "-metadata");
  EXPECT_EQ(decision(rules, "224.0.0.1"), "-multicast");
  EXPECT_EQ(decision(rules, "2002:7f00:1::1"), "-transition");
}

TEST(Decide, TheOwnersRangesAreStrongerThanTheKind) {
  Rules rules;
  rules.allowed = {range("127.0.0.0/8"), range("10.1.0.0/16")};
  EXPECT_EQ(decision(rules, "127.0.0.1", 8080), "+allowed-range");
  EXPECT_EQ(decision(rules, "::ffff:127.0.0.1", 8080), "+allowed-range");
  EXPECT_EQ(decision(rules, "::1", 8080), "-loopback");
  EXPECT_EQ(decision(rules, "0.0.0.0", 8080), "-unspecified");
  EXPECT_EQ(decision(rules, "10.1.2.3"), "+allowed-range");
  EXPECT_EQ(decision(rules, "10.2.2.3"), "-private");

  rules.denied = {range("10.1.2.0/24"), range("1.1.1.0/24")};
  EXPECT_EQ(decision(rules, "10.1.2.3"), "-denied-range");
  EXPECT_EQ(decision(rules, "1.1.1.1"), "-denied-range");
  EXPECT_EQ(decision(rules, "1.1.2.1"), "+public");
}

TEST(Decide, RangesHoldBehindNat64) {
  Rules rules;
  rules.denied = {range("1.1.1.0/24")};
  rules.own_addresses = {address("5.6.7.8")};
  rules.management = {{address("0.0.0.0"), 7081}};
  EXPECT_EQ(decision(rules, "64:ff9b::1.1.1.1"), "-denied-range");
  EXPECT_EQ(decision(rules, "64:ff9b::5.6.7.8"), "-own-address");
  EXPECT_EQ(decision(rules, "64:ff9b::5.6.7.8", 7081), "-management");
  EXPECT_EQ(decision(rules, "64:ff9b::1.1.2.1"), "+public");
}

TEST(Decide, MailGoesOutOnlyToRangesThatTheOwnerNamed) {
  Rules rules;
  EXPECT_EQ(decision(rules, "1.1.1.1", 25), "-port");
  EXPECT_EQ(decision(rules, "1.1.1.1", 587), "+public");
  rules.allowed = {range("1.1.1.1")};
  EXPECT_EQ(decision(rules, "1.1.1.1", 25), "+allowed-range");
  EXPECT_EQ(decision(rules, "1.1.1.1", 0), "-port");
}

TEST(Decide, TheMachinesOwnPublicAddressIsNotThePublicInternet) {
  Rules rules;
  rules.own_addresses = {address("5.6.7.8"), address("2600::8")};
  EXPECT_EQ(decision(rules, "5.6.7.8"), "-own-address");
  EXPECT_EQ(decision(rules, "2600::8"), "-own-address");
  EXPECT_EQ(decision(rules, "5.6.7.9"), "+public");
}

TEST(Decide, TheManagementApiIsOutOfReachByAnySpelling) {
  Rules rules;
  rules.allowed = {range("0.0.0.0/0"), range("::/0")};
  rules.own_addresses = {address("5.6.7.8")};
  for (const char* listening : {"127.0.0.1", "0.0.0.0", "::", "5.6.7.8"}) {
    rules.management = {{address(listening), 7081}};
    for (const char* to : {"127.0.0.1", "127.9.9.9", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1",
                           "5.6.7.8", "::ffff:5.6.7.8"}) {
      EXPECT_EQ(decision(rules, to, 7081), "-management") << listening << " " << to;
    }
    EXPECT_EQ(decision(rules, "127.0.0.1", 7080), "+allowed-range");
    EXPECT_EQ(decision(rules, "1.1.1.1", 7081), "+allowed-range");
  }
}

}  // namespace
}  // namespace atoll::egress
