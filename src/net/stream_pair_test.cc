#include "net/stream_pair.h"

#include <gtest/gtest.h>

#include <optional>

namespace atoll::net {
namespace {

class StreamPairTest : public testing::Test {
 protected:
  StreamPairTest() { std::tie(here_, there_) = make_stream_pair(loop_); }

  void run() {
    loop_.restart();
    loop_.run();
  }
  void read(Stream& stream) {
    read_.reset();
    stream.read([this](Result<std::string> bytes) { read_ = std::move(bytes); });
  }
  void write(Stream& stream, std::string bytes) {
    written_.reset();
    stream.write(std::move(bytes), [this](Result<void> done) { written_ = std::move(done); });
  }
  std::string read_all(Stream& stream) {
    std::string all;
    for (;;) {
      read(stream);
      run();
      if (!read_ || !*read_ || (*read_)->empty()) return all;
      all += **read_;
    }
  }

  boost::asio::io_context loop_{1};
  std::unique_ptr<Stream> here_;
  std::unique_ptr<Stream> there_;
  std::optional<Result<std::string>> read_;
  std::optional<Result<void>> written_;
};

TEST_F(StreamPairTest, WhatOneEndWritesTheOtherReads) {
  read(*there_);
  write(*here_, "hello");
  EXPECT_FALSE(read_) << "never inside the call";
  run();
  ASSERT_TRUE(read_ && *read_);
  EXPECT_EQ(**read_, "hello");
  EXPECT_TRUE(written_ && *written_);

  write(*there_, "back");
  read(*here_);
  run();
  ASSERT_TRUE(read_ && *read_);
  EXPECT_EQ(**read_, "back");
}

TEST_F(StreamPairTest, AWriterFarAheadWaitsForTheReader) {
  write(*here_, std::string(300'000, 'x'));
  run();
  EXPECT_FALSE(written_);
  std::size_t size = 0;
  while (!written_) {
    read(*there_);
    run();
    ASSERT_TRUE(read_ && *read_ && (*read_)->size() <= Stream::kMaxReadBytes);
    size += (*read_)->size();
  }
  EXPECT_GE(size, 300'000 - kPairBufferBytes);
  here_.reset();
  EXPECT_EQ(size + read_all(*there_).size(), 300'000u);
}

TEST_F(StreamPairTest, ShuttingDownEndsOneDirectionOnly) {
  write(*here_, "last words");
  run();
  here_->shutdown_write([](Result<void>) {});
  EXPECT_EQ(read_all(*there_), "last words");
  read(*there_);
  run();
  ASSERT_TRUE(read_ && *read_);
  EXPECT_EQ(**read_, "") << "the end stays the end";

  write(*there_, "still heard");
  read(*here_);
  run();
  EXPECT_EQ(**read_, "still heard");
}

TEST_F(StreamPairTest, ADestroyedEndIsTheEndForTheOther) {
  write(*here_, "before");
  run();
  here_.reset();
  EXPECT_EQ(read_all(*there_), "before");
  write(*there_, "too late");
  run();
  ASSERT_TRUE(written_);
  EXPECT_FALSE(*written_);
}

TEST_F(StreamPairTest, AWaitingWriteFailsWhenTheReaderGoes) {
  write(*here_, std::string(300'000, 'x'));
  run();
  there_.reset();
  run();
  ASSERT_TRUE(written_);
  EXPECT_FALSE(*written_);
}

TEST_F(StreamPairTest, ACancelledReadLosesNothing) {
  read(*there_);
  write(*here_, "kept");
  there_->cancel_read();
  run();
  EXPECT_FALSE(read_);
  read(*there_);
  run();
  ASSERT_TRUE(read_ && *read_);
  EXPECT_EQ(**read_, "kept");
}

TEST_F(StreamPairTest, CallbacksOfADestroyedEndAreDropped) {
  read(*here_);
  write(*there_, "nobody reads it");
  here_.reset();
  run();
  EXPECT_FALSE(read_);
}

TEST_F(StreamPairTest, ACallbackMayDestroyBothEnds) {
  here_->read([this](Result<std::string>) {
    here_.reset();
    there_.reset();
  });
  write(*there_, "the end of you");
  run();
  EXPECT_EQ(here_, nullptr);
}

}  // namespace
}  // namespace atoll::net
