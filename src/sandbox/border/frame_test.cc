#include "sandbox/border/frame.h"

#include <gtest/gtest.h>

#include <vector>

namespace atoll::border {
namespace {

std::string on_the_wire(const Frame& frame) { return encode_frame_header(frame) + frame.body; }

std::vector<Frame> decode_in_two_parts(std::string_view bytes, std::size_t cut) {
  FrameDecoder decoder;
  std::vector<Frame> frames;
  for (std::string_view part : {bytes.substr(0, cut), bytes.substr(cut)}) {
    while (!part.empty()) {
      auto frame = decoder.next(part);
      EXPECT_TRUE(frame);
      if (!frame || !*frame) break;
      frames.push_back(std::move(**frame));
    }
  }
  return frames;
}

TEST(FrameDecoder, YieldsTheSameFramesWhereverTheStreamIsCut) {
  std::string stream = on_the_wire({MessageType::KvGet, 2, 7, "body of the first"}) +
                       on_the_wire({MessageType::RoutesReady, 0, 0, ""}) +
                       on_the_wire({MessageType::LogLines, 0, 0xFFFFFFFF, "x"});
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    auto frames = decode_in_two_parts(stream, cut);
    ASSERT_EQ(frames.size(), 3u) << cut;
    EXPECT_EQ(frames[0].type, MessageType::KvGet);
    EXPECT_EQ(frames[0].descriptor_count, 2);
    EXPECT_EQ(frames[0].request_id, 7u);
    EXPECT_EQ(frames[0].body, "body of the first");
    EXPECT_EQ(frames[1].type, MessageType::RoutesReady);
    EXPECT_EQ(frames[2].request_id, 0xFFFFFFFF);
    EXPECT_EQ(frames[2].body, "x");
  }
}

TEST(FrameDecoder, RefusesLengthsCountsAndTypesOutsideTheProtocol) {
  auto refused = [](Frame frame, std::uint32_t size) {
    std::string header = encode_frame_header(frame);
    for (int i = 0; i < 4; ++i) header[i] = static_cast<char>(size >> (8 * i));
    std::string_view input = header;
    auto result = FrameDecoder().next(input);
    return !result && result.error().kind() == ErrorKind::InvalidInput;
  };
  EXPECT_FALSE(refused({MessageType::KvGet, 0, 1, ""}, kMaxFrameBytes));
  EXPECT_TRUE(refused({MessageType::KvGet, 0, 1, ""}, kMaxFrameBytes + 1));
  EXPECT_TRUE(refused({MessageType::KvGet, kMaxFrameDescriptors + 1, 1, ""}, 0));
  EXPECT_TRUE(refused({MessageType::None, 0, 1, ""}, 0));
  EXPECT_TRUE(refused({static_cast<MessageType>(kMaxMessageType + 1), 0, 1, ""}, 0));
}

}  // namespace
}  // namespace atoll::border
