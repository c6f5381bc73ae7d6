#include "egress/address.h"

#include <gtest/gtest.h>

namespace atoll::egress {
namespace {

Address address(const char* text) { return boost::asio::ip::make_address(text); }

std::string kind(const char* text) {
  return std::string(address_kind_name(kind_of(address(text))));
}

struct Case {
  const char* address;
  const char* kind;
};

class KindOf : public testing::TestWithParam<Case> {};

TEST_P(KindOf, IsAsTheRegistriesSay) { EXPECT_EQ(kind(GetParam().address), GetParam().kind); }

// The first and last of every range, and their neighbours outside.
INSTANTIATE_TEST_SUITE_P(IPv4, KindOf,
                         testing::ValuesIn(std::vector<Case>{
                             {"0.0.0.0", "unspecified"},
                             {"0.255.255.255", "unspecified"},
                             {"1.0.0.0", "public"},
                             {"9.255.255.255", "public"},
                             {"10.0.0.0", "private"},
                             {"10.255.255.255", "private"},
                             {"11.0.0.0", "public"},
                             {"100.63.255.255", "public"},
                             {"100.64.0.0", "shared-carrier"},
                             {"100.127.255.255", "shared-carrier"},
                             {"100.128.0.0", "public"},
                             {"100.100.100.200", "metadata"},
                             {"126.255.255.255", "public"},
                             {"127.0.0.0", "loopback"},
                             {"127.0.0.1", "loopback"},
                             {"127.255.255.255", "loopback"},
                             {"128.0.0.0", "public"},
                             {"168.63.129.15", "public"},
                             {"168.63.129.16", "metadata"},
                             {"169.253.255.255", "public"},
                             {"169.254.0.0", "link-local"},
                             {"169.254.169.254", "metadata"},
                             {"169.254.170.2", "metadata"},
                             {"169.254.170.23", "metadata"},
                             {"169.254.255.255", "link-local"},
                             {"169.255.0.0", "public"},
                             {"172.15.255.255", "public"},
                             {"172.16.0.0", "private"},
                             {"172.31.255.255", "private"},
                             {"172.32.0.0", "public"},
                             {"192.0.0.0", "reserved"},
                             {"192.0.0.192", "metadata"},
                             {"192.0.0.255", "reserved"},
                             {"192.0.1.0", "public"},
                             {"192.0.2.1", "reserved"},
                             {"192.88.99.1", "transition"},
                             {"192.167.255.255", "public"},
                             {"192.168.0.0", "private"},
                             {"192.168.255.255", "private"},
                             {"192.169.0.0", "public"},
                             {"198.17.255.255", "public"},
                             {"198.18.0.0", "reserved"},
                             {"198.19.255.255", "reserved"},
                             {"198.20.0.0", "public"},
                             {"198.51.100.7", "reserved"},
                             {"203.0.113.7", "reserved"},
                             {"223.255.255.255", "public"},
                             {"224.0.0.0", "multicast"},
                             {"239.255.255.255", "multicast"},
                             {"240.0.0.0", "reserved"},
                             {"255.255.255.254", "reserved"},
                             {"255.255.255.255", "multicast"},
                             {"8.8.8.8", "public"},
                         }));

INSTANTIATE_TEST_SUITE_P(IPv6, KindOf,
                         testing::ValuesIn(std::vector<Case>{
                             {"::", "unspecified"},
                             {"::1", "loopback"},
                             {"fc00::", "private"},
                             {"fdff:ffff::1", "private"},
                             {"fe00::1", "reserved"},
                             {"fe80::1", "link-local"},
                             {"febf::1", "link-local"},
                             {"fec0::1", "private"},
                             {"feff::1", "private"},
                             {"ff00::", "multicast"},
                             {"ff02::1", "multicast"},
                             {"fd00:ec2::254", "metadata"},
                             {"fd00:ec2::253", "private"},
                             {"fd20:ce::254", "metadata"},
                             {"100::1", "reserved"},
                             {"1fff:ffff::1", "reserved"},
                             {"2000::1", "public"},
                             {"2606:4700::1111", "public"},
                             {"2001::1", "transition"},
                             {"2001:2::1", "reserved"},
                             {"2001:1ff:ffff::1", "reserved"},
                             {"2001:200::1", "public"},
                             {"2001:db8::1", "reserved"},
                             {"2001:db9::1", "public"},
                             {"2002:7f00:1::", "transition"},
                             {"2002:808:808::1", "transition"},
                             {"2620:4f:8000::1", "reserved"},
                             {"3ffe::1", "public"},
                             {"3fff::1", "reserved"},
                             {"4000::1", "reserved"},
                             {"5f00::1", "reserved"},
                         }));

INSTANTIATE_TEST_SUITE_P(IPv4InsideIPv6, KindOf,
                         testing::ValuesIn(std::vector<Case>{
                             // mapped
                             {"::ffff:127.0.0.1", "loopback"},
                             {"::ffff:7f00:1", "loopback"},
                             {"::ffff:a9fe:a9fe", "metadata"},
                             {"::ffff:10.1.2.3", "private"},
                             {"::ffff:0.0.0.0", "unspecified"},
                             {"::ffff:8.8.8.8", "public"},
                             // compatible
                             {"::127.0.0.1", "loopback"},
                             {"::192.168.1.1", "private"},
                             {"::8.8.8.8", "public"},
                             {"::2", "unspecified"},
                             // translated
                             {"::ffff:0:127.0.0.1", "transition"},
                             {"::ffff:0:808:808", "transition"},
                             // NAT64
                             {"64:ff9b::127.0.0.1", "loopback"},
                             {"64:ff9b::a9fe:a9fe", "metadata"},
                             {"64:ff9b::10.0.0.1", "private"},
                             {"64:ff9b::8.8.8.8", "public"},
                             {"64:ff9b:0:0:0:1:808:808", "reserved"},
                             {"64:ff9b:1::8.8.8.8", "private"},
                             // ISATAP
                             {"2600::5efe:127.0.0.1", "transition"},
                             {"2600::200:5efe:10.0.0.1", "transition"},
                         }));

TEST(Plain, IsWhatAConnectionReaches) {
  EXPECT_EQ(plain(address("::ffff:192.0.2.1")), address("192.0.2.1"));
  EXPECT_EQ(plain(address("::192.0.2.1")), address("192.0.2.1"));
  EXPECT_EQ(plain(address("::1")), address("::1"));
  EXPECT_EQ(plain(address("::")), address("::"));
  EXPECT_EQ(plain(address("2600::1")), address("2600::1"));
  EXPECT_EQ(plain(address("fe80::1%1")), address("fe80::1"));
}

bool contains(const char* range, const char* member) {
  auto parsed = AddressRange::parse(range);
  EXPECT_TRUE(parsed) << range;
  return parsed && parsed->contains(address(member));
}

TEST(AddressRange, ContainsWhatSharesItsPrefix) {
  EXPECT_TRUE(contains("127.0.0.0/8", "127.1.2.3"));
  EXPECT_FALSE(contains("127.0.0.0/8", "128.0.0.0"));
  EXPECT_TRUE(contains("192.0.2.0/25", "192.0.2.127"));
  EXPECT_FALSE(contains("192.0.2.0/25", "192.0.2.128"));
  EXPECT_TRUE(contains("192.0.2.77/24", "192.0.2.1"));
  EXPECT_TRUE(contains("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(contains("192.0.2.1", "192.0.2.0"));
  EXPECT_TRUE(contains("0.0.0.0/0", "255.255.255.255"));
  EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(contains("::/0", "2600::1"));
}

TEST(AddressRange, KeepsTheFamiliesApartExceptForMappedForms) {
  EXPECT_FALSE(contains("0.0.0.0/0", "2600::1"));
  EXPECT_FALSE(contains("::/0", "192.0.2.1"));
  EXPECT_TRUE(contains("127.0.0.0/8", "::ffff:127.0.0.1"));
  EXPECT_TRUE(contains("::ffff:127.0.0.0/104", "127.1.2.3"));
  EXPECT_FALSE(contains("::ffff:127.0.0.0/104", "128.1.2.3"));
}

TEST(AddressRange, RefusesWhatIsNoRange) {
  for (const char* text :
       {"", "/", "127.0.0.1/", "127.0.0.1/33", "::1/129", "127.0.0/8", "host", "127.0.0.1/8x",
        "127.0.0.1/-1", "fe80::1%1", "0x7f.0.0.1", " 127.0.0.1", "127.0.0.1/8/8"}) {
    EXPECT_FALSE(AddressRange::parse(text)) << text;
  }
}

}  // namespace
}  // namespace atoll::egress
