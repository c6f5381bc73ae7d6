#include "sandbox/border/channel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <boost/asio/steady_timer.hpp>
#include <functional>

namespace atoll::border {
namespace {

namespace asio = boost::asio;

struct Recorder final : Channel::Handler {
  void on_message(Channel::Message message) override {
    messages.push_back(std::move(message));
    if (after_message) after_message();
  }
  void on_closed(const Error& why) override { closed = why; }

  std::vector<Channel::Message> messages;
  std::optional<Error> closed;
  std::function<void()> after_message;
};

UniqueFd memory_file(std::string_view content) {
  UniqueFd file(::memfd_create("test", MFD_CLOEXEC));
  EXPECT_EQ(::write(file.get(), content.data(), content.size()),
            static_cast<ssize_t>(content.size()));
  return file;
}

std::string content_of(const UniqueFd& file) {
  std::string content(100, '\0');
  content.resize(static_cast<std::size_t>(::pread(file.get(), content.data(), 100, 0)));
  return content;
}

class ChannelTest : public testing::Test {
 protected:
  ChannelTest() : pair_(*make_socket_pair()) {}

  void run_until(std::function<bool()> reached) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!reached() && std::chrono::steady_clock::now() < deadline) {
      loop_.restart();
      loop_.run_one_for(std::chrono::milliseconds(10));
    }
    ASSERT_TRUE(reached());
  }

  asio::io_context loop_;
  SocketPair pair_;
  Recorder left_;
  Recorder right_;
};

TEST_F(ChannelTest, DeliversFramesInOrderWhateverTheirSize) {
  Channel left(loop_, std::move(pair_.ours), left_, {});
  Channel right(loop_, std::move(pair_.theirs), right_, {});
  for (std::uint32_t i = 1; i <= 200; ++i) {
    std::string body(i % 10 == 0 ? 300'000 : i, static_cast<char>('a' + i % 26));
    ASSERT_TRUE(left.send({MessageType::KvGet, 0, i, std::move(body)}));
  }
  run_until([&] { return right_.messages.size() == 200; });
  for (std::uint32_t i = 1; i <= 200; ++i) {
    const Frame& frame = right_.messages[i - 1].frame;
    EXPECT_EQ(frame.request_id, i);
    EXPECT_EQ(frame.body.size(), i % 10 == 0 ? 300'000 : i);
    EXPECT_EQ(frame.body.back(), static_cast<char>('a' + i % 26));
  }
  EXPECT_EQ(left.queued_bytes(), 0u);
}

TEST_F(ChannelTest, DescriptorsArriveWithTheFrameTheyWereSentWith) {
  Channel left(loop_, std::move(pair_.ours), left_, {});
  Channel right(loop_, std::move(pair_.theirs), right_, {});
  for (std::uint32_t i = 1; i <= 60; ++i) {
    std::vector<UniqueFd> descriptors;
    descriptors.reserve(i % 4);
    for (std::uint32_t k = 0; k < i % 4; ++k) {
      descriptors.push_back(memory_file(std::to_string(i) + "/" + std::to_string(k)));
    }
    std::string body(i % 7 == 0 ? 200'000 : 10, 'x');
    ASSERT_TRUE(left.send({MessageType::LoadedScript, 0, i, body}, std::move(descriptors)));
  }
  run_until([&] { return right_.messages.size() == 60; });
  for (std::uint32_t i = 1; i <= 60; ++i) {
    const auto& message = right_.messages[i - 1];
    ASSERT_EQ(message.descriptors.size(), i % 4);
    for (std::uint32_t k = 0; k < i % 4; ++k) {
      EXPECT_EQ(content_of(message.descriptors[k]), std::to_string(i) + "/" + std::to_string(k));
      EXPECT_TRUE(::fcntl(message.descriptors[k].get(), F_GETFD) & FD_CLOEXEC);
    }
  }
}

TEST_F(ChannelTest, ReadsAFrameThatArrivesByteByByte) {
  Channel right(loop_, std::move(pair_.theirs), right_, {});
  std::string bytes = encode_frame_header({MessageType::Hello, 0, 9, "hello"}) + "hello";
  for (char byte : bytes) {
    EXPECT_TRUE(right_.messages.empty());
    ASSERT_EQ(::send(pair_.ours.get(), &byte, 1, 0), 1);
    loop_.restart();
    loop_.run_one_for(std::chrono::milliseconds(100));
  }
  run_until([&] { return right_.messages.size() == 1; });
  EXPECT_EQ(right_.messages[0].frame.body, "hello");
}

TEST_F(ChannelTest, RefusesToQueueMoreThanItsLimit) {
  Channel left(loop_, std::move(pair_.ours), left_, {.queued_bytes = 1'000'000});
  std::size_t accepted = 0;
  Result<void> sent;
  while ((sent = left.send({MessageType::LogLines, 0, 0, std::string(100'000, 'x')}))) ++accepted;
  EXPECT_EQ(sent.error().kind(), ErrorKind::LimitReached);
  EXPECT_EQ(accepted, 9u);
  Channel right(loop_, std::move(pair_.theirs), right_, {});
  run_until([&] { return right_.messages.size() == accepted; });
  EXPECT_TRUE(left.send({MessageType::LogLines, 0, 0, "x"}));
}

TEST_F(ChannelTest, ReadsNothingWhileHeldAndEverythingAfterwards) {
  Channel left(loop_, std::move(pair_.ours), left_, {});
  Channel right(loop_, std::move(pair_.theirs), right_, {});
  right_.after_message = [&] {
    if (right_.messages.size() == 1) right.hold_reading();
  };
  for (std::uint32_t i = 1; i <= 50; ++i) {
    ASSERT_TRUE(left.send({MessageType::LogLines, 0, i, std::string(100'000, 'x')}));
  }
  loop_.restart();
  loop_.run_for(std::chrono::milliseconds(50));
  EXPECT_LT(right_.messages.size(), 5u);
  EXPECT_GT(left.queued_bytes(), 1'000'000u);
  right.resume_reading();
  run_until([&] { return right_.messages.size() == 50; });
  EXPECT_EQ(right_.messages.back().frame.request_id, 50u);
}

TEST_F(ChannelTest, ListensToSoManyMessagesPerSecond) {
  Channel left(loop_, std::move(pair_.ours), left_, {});
  Channel right(loop_, std::move(pair_.theirs), right_, {.messages_per_second = 10'000});
  // More than a second's worth, and more than one read of the socket holds.
  for (int i = 0; i < 30'000; ++i) ASSERT_TRUE(left.send({MessageType::Stats, 0, 0, {}}));
  auto began = std::chrono::steady_clock::now();
  run_until([&] { return right_.messages.size() >= 10'000; });
  EXPECT_LT(right_.messages.size(), 25'000u);  // the allowance and what one read brought
  run_until([&] { return right_.messages.size() == 30'000; });
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(1'000));
}

TEST_F(ChannelTest, TellsThatTheOtherSideClosedAfterItsLastFrame) {
  auto left = std::make_unique<Channel>(loop_, std::move(pair_.ours), left_, Channel::Limits());
  Channel right(loop_, std::move(pair_.theirs), right_, {});
  ASSERT_TRUE(left->send({MessageType::LogLines, 0, 0, "last words"}));
  left->flush_blocking(1000);
  left.reset();
  run_until([&] { return right_.closed.has_value(); });
  ASSERT_EQ(right_.messages.size(), 1u);
  EXPECT_EQ(right_.closed->kind(), ErrorKind::Unavailable);
  EXPECT_EQ(right.send({MessageType::LogLines, 0, 0, "x"}).error().kind(), ErrorKind::Unavailable);
}

TEST_F(ChannelTest, ClosesOnMalformedBytes) {
  Channel right(loop_, std::move(pair_.theirs), right_, {});
  ASSERT_EQ(::send(pair_.ours.get(), "GET / HTTP/1.1\r\n", 16, 0), 16);
  run_until([&] { return right_.closed.has_value(); });
  EXPECT_EQ(right_.closed->kind(), ErrorKind::InvalidInput);
  EXPECT_TRUE(right_.messages.empty());
}

TEST_F(ChannelTest, ClosesOnAnnouncedDescriptorsThatDoNotCome) {
  Channel right(loop_, std::move(pair_.theirs), right_, {});
  std::string bytes = encode_frame_header({MessageType::Hello, 1, 0, ""});
  ASSERT_EQ(::send(pair_.ours.get(), bytes.data(), bytes.size(), 0), 12);
  run_until([&] { return right_.closed.has_value(); });
  EXPECT_EQ(right_.closed->kind(), ErrorKind::InvalidInput);
}

TEST_F(ChannelTest, ClosesOnADescriptorWhereNoneIsAccepted) {
  Channel left(loop_, std::move(pair_.ours), left_, {});
  Channel right(loop_, std::move(pair_.theirs), right_, {.incoming = Channel::Descriptors::Refuse});
  std::vector<UniqueFd> descriptors;
  descriptors.push_back(memory_file("unwanted"));
  ASSERT_TRUE(left.send({MessageType::LogLines, 0, 0, ""}, std::move(descriptors)));
  run_until([&] { return right_.closed.has_value(); });
  EXPECT_TRUE(right_.messages.empty());
}

TEST_F(ChannelTest, MayBeDestroyedFromItsOwnCallback) {
  Channel left(loop_, std::move(pair_.ours), left_, {});
  auto right = std::make_unique<Channel>(loop_, std::move(pair_.theirs), right_, Channel::Limits());
  right_.after_message = [&] { right.reset(); };
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(left.send({MessageType::LogLines, 0, 0, "x"}));
  run_until([&] { return left_.closed.has_value(); });
  EXPECT_EQ(right_.messages.size(), 1u);
}

}  // namespace
}  // namespace atoll::border
