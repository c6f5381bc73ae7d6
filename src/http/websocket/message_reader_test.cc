#include "http/websocket/message_reader.h"

#include <gtest/gtest.h>

#include <vector>

namespace atoll::http {
namespace {

constexpr std::size_t kMaxBytes = 1000;

std::string frame(std::uint8_t opcode, std::string payload, bool is_final = true,
                  bool masked = true) {
  FrameHead head;
  head.is_final = is_final;
  head.opcode = opcode;
  head.length = payload.size();
  if (masked) {
    head.mask = MaskKey{1, 2, 3, 250};
    apply_mask(payload, *head.mask, 0);
  }
  std::string bytes;
  append_frame_head(bytes, head);
  return bytes + payload;
}

struct Reading {
  std::vector<WebSocketPart> parts;
  std::optional<WebSocketFailure> failure;
};

// Feeds `bytes` in pieces of that size.
Reading read(std::string_view bytes, std::size_t piece = SIZE_MAX,
             WebSocketRole role = WebSocketRole::Server) {
  MessageReader reader(role, kMaxBytes, nullptr, {});
  Reading reading;
  while (!bytes.empty()) {
    std::string_view input = bytes.substr(0, piece);
    bytes.remove_prefix(input.size());
    while (auto part = reader.next(input)) reading.parts.push_back(*std::move(part));
    if (reader.failure()) break;
    EXPECT_TRUE(input.empty());
  }
  reading.failure = reader.failure();
  return reading;
}

std::uint16_t failure_code(std::string_view bytes) {
  Reading reading = read(bytes);
  return reading.failure ? reading.failure->code : 0;
}

TEST(MessageReader, GivesTheSameHoweverTheBytesAreCut) {
  std::string bytes = frame(1, "Hel", false) + frame(9, "ping") + frame(0, "lo", true) +
                      frame(2, std::string(300, 'b')) + frame(1, "") +
                      frame(8, std::string("\x0f\xa0why", 5));
  for (std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{3}, SIZE_MAX}) {
    Reading reading = read(bytes, piece);
    ASSERT_FALSE(reading.failure);
    ASSERT_EQ(reading.parts.size(), 5u);
    EXPECT_EQ(reading.parts[0].kind, Opcode::Ping);
    EXPECT_EQ(reading.parts[0].data, "ping");
    EXPECT_EQ(reading.parts[1].data, "Hello");
    EXPECT_EQ(reading.parts[2].data, std::string(300, 'b'));
    EXPECT_EQ(reading.parts[3].data, "");
    EXPECT_EQ(reading.parts[4].code, 4000);
    EXPECT_EQ(reading.parts[4].data, "why");
  }
}

TEST(MessageReader, AsksForMasksFromClientsOnly) {
  EXPECT_EQ(failure_code(frame(1, "x", true, false)), 1002);
  EXPECT_FALSE(read(frame(1, "x", true, false), 1, WebSocketRole::Client).failure);
  EXPECT_EQ(read(frame(1, "x"), 1, WebSocketRole::Client).failure->code, 1002);
}

TEST(MessageReader, RefusesWhatTheProtocolForbids) {
  EXPECT_EQ(failure_code(frame(0, "x")), 1002);                         // continues nothing
  EXPECT_EQ(failure_code(frame(1, "x", false) + frame(2, "y")), 1002);  // within a message
  EXPECT_EQ(failure_code(frame(9, "x", false)), 1002);                  // fragmented ping
  EXPECT_EQ(failure_code(frame(10, std::string(126, 'x'))), 1002);      // too large pong
  EXPECT_EQ(failure_code(frame(3, "x")), 1002);                         // reserved opcodes
  EXPECT_EQ(failure_code(frame(15, "x")), 1002);
  EXPECT_EQ(failure_code(frame(0x10 | 1, "x")), 1002);  // reserved bits
  EXPECT_EQ(failure_code(frame(0x40 | 1, "x")), 1002);
  EXPECT_EQ(failure_code(frame(8, "x")), 1002);                         // half a code
  EXPECT_EQ(failure_code(frame(8, std::string("\x03\xed", 2))), 1002);  // 1005
  EXPECT_EQ(failure_code(std::string("\x82\xfe\x00\x05", 4)), 1002);    // length not shortest
  EXPECT_EQ(failure_code(std::string("\x82\xff\x80\0\0\0\0\0\0\0", 10)), 1002);
  EXPECT_EQ(failure_code(frame(1, "\xff")), 1007);
  EXPECT_EQ(failure_code(frame(8, "\x03\xe8\xff")), 1007);
}

TEST(MessageReader, RefusesLargeMessagesBeforeTheyAreThere) {
  std::string head;
  append_frame_head(head, {.opcode = 2, .length = kMaxBytes + 1, .mask = MaskKey{}});
  EXPECT_EQ(failure_code(head), 1009);
  EXPECT_EQ(failure_code(frame(2, std::string(kMaxBytes, 'x'), false) + frame(0, "y")), 1009);
  EXPECT_EQ(failure_code(frame(2, std::string(kMaxBytes, 'x'))), 0);
}

TEST(MessageReader, FindsBadTextBeforeTheMessageEnds) {
  EXPECT_EQ(failure_code(frame(1, "\xf4\x90", false)), 1007);
  EXPECT_EQ(failure_code(frame(1, "\xe2\x82", false)), 0);
  EXPECT_EQ(failure_code(frame(1, "\xe2\x82")), 1007);
  EXPECT_EQ(read(frame(1, "\xe2", false) + frame(0, "\x82\xac")).parts.at(0).data, "\xe2\x82\xac");
}

TEST(FrameHead, IsReadAsItWasWritten) {
  for (std::uint64_t length : {0ull, 125ull, 126ull, 65535ull, 65536ull, 1ull << 40}) {
    for (bool masked : {false, true}) {
      FrameHead head{.is_final = masked, .opcode = 2, .length = length};
      if (masked) head.mask = MaskKey{9, 8, 7, 6};
      std::string bytes;
      append_frame_head(bytes, head);
      for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_EQ(read_frame_head(std::string_view(bytes).substr(0, size)).state,
                  FrameHeadReading::State::NeedMore);
      }
      FrameHeadReading reading = read_frame_head(bytes + "payload");
      ASSERT_EQ(reading.state, FrameHeadReading::State::Complete);
      EXPECT_EQ(reading.size, bytes.size());
      EXPECT_EQ(reading.head.length, length);
      EXPECT_EQ(reading.head.is_final, masked);
      EXPECT_EQ(reading.head.mask, head.mask);
    }
  }
}

TEST(Mask, IsTheSameFromAnyOffset) {
  std::string plain(100, 'p');
  std::string whole = plain;
  apply_mask(whole, {1, 2, 3, 4}, 0);
  for (std::size_t cut = 0; cut <= plain.size(); ++cut) {
    std::string first = plain.substr(0, cut);
    std::string second = plain.substr(cut);
    apply_mask(first, {1, 2, 3, 4}, 0);
    apply_mask(second, {1, 2, 3, 4}, cut);
    EXPECT_EQ(first + second, whole);
  }
}

}  // namespace
}  // namespace atoll::http
