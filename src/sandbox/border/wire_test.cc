#include "sandbox/border/wire.h"

#include <gtest/gtest.h>

#include <limits>

#include "sandbox/border/link_protocol.h"

namespace atoll::border {
namespace {

struct Everything {
  bool flag = false;
  std::uint8_t small = 0;
  std::uint64_t large = 0;
  std::int64_t negative = 0;
  std::int16_t narrow = 0;
  double fraction = 0;
  std::string text;
  Role role = Role::IsolateHost;
  std::optional<std::string> maybe;
  std::vector<std::optional<KvEntry>> entries;
  auto fields(this auto&& self) {
    return std::tie(self.flag, self.small, self.large, self.negative, self.narrow, self.fraction,
                    self.text, self.role, self.maybe, self.entries);
  }
};

Everything sample() {
  Everything value;
  value.flag = true;
  value.small = 255;
  value.large = std::numeric_limits<std::uint64_t>::max();
  value.negative = std::numeric_limits<std::int64_t>::min();
  value.narrow = -300;
  value.fraction = 99.5;
  value.text = std::string("a\0b", 3);
  value.role = Role::Compiler;
  value.maybe = "";
  value.entries = {std::nullopt, KvEntry{"value", "{}", 1'900'000'000}, KvEntry{}};
  return value;
}

template <typename T>
struct Only {
  T value{};
  auto fields(this auto&& self) { return std::tie(self.value); }
};
using Small = Only<std::uint8_t>;
using Flag = Only<bool>;
using Chosen = Only<Role>;
using Wide = Only<std::uint64_t>;
using Text = Only<std::string>;
using Numbers = Only<std::vector<std::uint8_t>>;

TEST(Wire, EveryKindOfFieldComesBackAsItWas) {
  auto decoded = decode<Everything>(encode(sample()));
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_TRUE(decoded->flag);
  EXPECT_EQ(decoded->small, 255);
  EXPECT_EQ(decoded->large, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(decoded->negative, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(decoded->narrow, -300);
  EXPECT_EQ(decoded->fraction, 99.5);
  EXPECT_EQ(decoded->text, std::string("a\0b", 3));
  EXPECT_EQ(decoded->role, Role::Compiler);
  EXPECT_EQ(decoded->maybe, "");
  ASSERT_EQ(decoded->entries.size(), 3u);
  EXPECT_FALSE(decoded->entries[0]);
  EXPECT_EQ(decoded->entries[1]->value, "value");
  EXPECT_EQ(decoded->entries[1]->expires_at, 1'900'000'000);
  EXPECT_TRUE(decoded->entries[2]);
}

TEST(Wire, EveryTruncationAndEveryExtraByteIsRefused) {
  std::string bytes = encode(sample());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    auto decoded = decode<Everything>(std::string_view(bytes).substr(0, size));
    ASSERT_FALSE(decoded) << size;
    EXPECT_EQ(decoded.error().kind(), ErrorKind::InvalidInput);
  }
  EXPECT_FALSE(decode<Everything>(bytes + '\0'));
}

TEST(Wire, ValuesOutsideTheirTypeAreRefused) {
  EXPECT_FALSE(decode<Small>("\x80\x02"));  // 256
  EXPECT_FALSE(decode<Flag>("\x02"));
  EXPECT_TRUE(decode<Chosen>("\x01"));
  EXPECT_FALSE(decode<Chosen>("\x02"));
  EXPECT_TRUE(decode<Wide>(std::string(9, '\xFF') + '\x01'));
  EXPECT_FALSE(decode<Wide>(std::string(9, '\xFF') + '\x02'));  // more than 64 bits
  EXPECT_FALSE(decode<Wide>(std::string(20, '\x80')));
}

TEST(Wire, ClaimedLengthsBeyondTheInputAreRefusedWithoutReservingThem) {
  std::string huge = std::string(8, '\xFF') + '\x01';
  EXPECT_FALSE(decode<Text>(huge));
  EXPECT_FALSE(decode<RoutesChanged>(huge));
  Numbers many;
  many.value.resize(kMaxListLength);
  EXPECT_TRUE(decode<Numbers>(encode(many)));
  many.value.push_back(0);
  EXPECT_FALSE(decode<Numbers>(encode(many)));
}

template <typename... T>
void round_trip_all(MessageList<T...>) {
  auto round_trip = [](const auto& message) {
    std::string bytes = encode(message);
    auto decoded = decode<std::remove_cvref_t<decltype(message)>>(bytes);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(encode(*decoded), bytes);
  };
  (round_trip(T()), ...);
  static_assert(sizeof...(T) == kMaxMessageType);
}

TEST(Protocol, EveryMessageComesBackAsItWas) { round_trip_all(AllMessages()); }

}  // namespace
}  // namespace atoll::border
