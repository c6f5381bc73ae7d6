#include "net/tcp_stream.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>

namespace atoll::net {
namespace {

class TcpStreamTest : public testing::Test {
 protected:
  TcpStreamTest() {
    int pair[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    stream_ = std::make_unique<TcpStream>(loop_, UniqueFd(pair[0]));
    peer_ = UniqueFd(pair[1]);
  }

  void run() {
    loop_.restart();
    loop_.run_for(std::chrono::milliseconds(50));
  }
  void peer_sends(std::string_view bytes) {
    EXPECT_EQ(::send(peer_.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
  }
  std::string peer_receives() {
    std::string bytes(1 << 20, '\0');
    ssize_t size = ::recv(peer_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return bytes;
  }
  void read() {
    stream_->read([this](Result<std::string> bytes) { read_ = std::move(bytes); });
  }
  void write(std::string bytes) {
    stream_->write(std::move(bytes), [this](Result<void> done) { written_ = std::move(done); });
  }

  boost::asio::io_context loop_{1};
  std::unique_ptr<TcpStream> stream_;
  UniqueFd peer_;
  std::optional<Result<std::string>> read_;
  std::optional<Result<void>> written_;
};

TEST_F(TcpStreamTest, ReadsWhatArrivesAndTheEnd) {
  read();
  EXPECT_FALSE(read_);
  run();
  EXPECT_FALSE(read_);

  peer_sends("hello");
  run();
  ASSERT_TRUE(read_ && *read_);
  EXPECT_EQ(**read_, "hello");

  ::shutdown(peer_.get(), SHUT_WR);
  for (int i = 0; i < 2; ++i) {  // the end stays the end
    read_.reset();
    read();
    run();
    ASSERT_TRUE(read_ && *read_);
    EXPECT_EQ(**read_, "");
  }
}

TEST_F(TcpStreamTest, CallbacksNeverRunInsideTheCall) {
  peer_sends("waiting already");
  run();
  read();
  write("x");
  EXPECT_FALSE(read_);
  EXPECT_FALSE(written_);
  run();
  EXPECT_TRUE(read_);
  EXPECT_TRUE(written_);
}

TEST_F(TcpStreamTest, ACancelledReadLosesNothing) {
  read();
  run();
  stream_->cancel_read();
  peer_sends("kept");
  run();
  EXPECT_FALSE(read_);

  read();
  run();
  ASSERT_TRUE(read_ && *read_);
  EXPECT_EQ(**read_, "kept");

  // Cancelled and asked again while the first wait is still on.
  read_.reset();
  read();
  stream_->cancel_read();
  read();
  peer_sends("again");
  run();
  ASSERT_TRUE(read_ && *read_);
  EXPECT_EQ(**read_, "again");
}

TEST_F(TcpStreamTest, AWriteIsDoneWhenTheKernelHasTakenAllOfIt) {
  std::string large(4 << 20, 'x');
  write(large);
  run();
  EXPECT_FALSE(written_);  // the peer does not read

  std::size_t received = 0;
  while (!written_) {
    received += peer_receives().size();
    run();
  }
  EXPECT_TRUE(*written_);
  for (std::string rest = peer_receives(); !rest.empty(); rest = peer_receives()) {
    received += rest.size();
  }
  EXPECT_EQ(received, large.size());
}

TEST_F(TcpStreamTest, AShutDownWriteSideStillReads) {
  write("last");
  run();
  written_.reset();
  stream_->shutdown_write([this](Result<void> done) { written_ = std::move(done); });
  run();
  EXPECT_TRUE(written_ && *written_);
  EXPECT_EQ(peer_receives(), "last");
  char byte;
  EXPECT_EQ(::recv(peer_.get(), &byte, 1, MSG_DONTWAIT), 0);

  peer_sends("answer");
  read();
  run();
  ASSERT_TRUE(read_ && *read_);
  EXPECT_EQ(**read_, "answer");
}

TEST_F(TcpStreamTest, ABrokenConnectionFailsTheWriteAndNotTheProcess) {
  peer_.reset();
  write("x");
  run();
  ASSERT_TRUE(written_);
  EXPECT_FALSE(*written_);
  EXPECT_EQ(written_->error().message(), "Network connection lost.");
}

TEST_F(TcpStreamTest, DestroyingDropsCallbacksAndClosesEvenWhereADuplicateExists) {
  UniqueFd duplicate(::dup(peer_.get()));
  read();
  write(std::string(4 << 20, 'x'));
  run();
  stream_.reset();
  run();
  EXPECT_FALSE(read_);
  EXPECT_FALSE(written_);
  while (!peer_receives().empty()) {
  }
  char byte;
  EXPECT_EQ(::recv(peer_.get(), &byte, 1, MSG_DONTWAIT), 0);
}

TEST_F(TcpStreamTest, ACallbackMayDestroyTheStream) {
  stream_->read([this](Result<std::string>) { stream_.reset(); });
  peer_sends("x");
  run();
  EXPECT_FALSE(stream_);
}

}  // namespace
}  // namespace atoll::net
