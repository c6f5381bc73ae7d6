#include "http/coding/coded_source.h"

#include <gtest/gtest.h>

#include <deque>

#include "async/string_source.h"

namespace atoll::http {
namespace {

// Gives the chunks at hand at once; without any, the reader waits for give().
struct Feed {
  std::deque<Result<std::string>> chunks;
  ByteSource::ReadDone waiting;
  void give(Result<std::string> chunk) {
    if (waiting) return std::exchange(waiting, nullptr)(std::move(chunk));
    chunks.push_back(std::move(chunk));
  }
};

class FeedSource final : public ByteSource {
 public:
  explicit FeedSource(std::shared_ptr<Feed> feed) : feed_(std::move(feed)) {}
  ~FeedSource() override { feed_->waiting = nullptr; }
  void read(ReadDone done) override {
    if (feed_->chunks.empty()) {
      feed_->waiting = std::move(done);
      return;
    }
    auto chunk = std::move(feed_->chunks.front());
    feed_->chunks.pop_front();
    done(std::move(chunk));
  }

 private:
  std::shared_ptr<Feed> feed_;
};

struct Reading {
  std::string text;
  std::string error;
  bool waits = false;
};

// Reads until the end, an error or a wait. What is asked for and does not come stays asked for.
Reading read_all(ByteSource& source) {
  Reading reading;
  for (;;) {
    auto got = std::make_shared<std::optional<Result<std::string>>>();
    source.read([got](Result<std::string> chunk) { *got = std::move(chunk); });
    if (!*got) {
      reading.waits = true;
      return reading;
    }
    if (!**got) {
      reading.error = (*got)->error().message();
      return reading;
    }
    EXPECT_LE((**got)->size(), kMaxPiece);
    if ((**got)->empty()) return reading;
    reading.text += ***got;
  }
}

std::unique_ptr<ByteSource> source_of(std::string text) {
  return std::make_unique<StringSource>(std::move(text));
}

std::string encoded(std::string text, Coding coding = Coding::Gzip) {
  return read_all(*encode_source(source_of(std::move(text)), coding, nullptr)).text;
}

Reading decoded(std::string bytes, Coding coding = Coding::Gzip) {
  return read_all(*decode_source(source_of(std::move(bytes)), coding, nullptr));
}

TEST(CodedSource, what_goes_in_comes_out) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += std::to_string(i * 31337);
  for (Coding coding : {Coding::Gzip, Coding::Brotli, Coding::Zstd, Coding::Deflate}) {
    std::string packed = encoded(text, coding);
    EXPECT_LT(packed.size(), text.size());
    EXPECT_EQ(decoded(packed, coding).text, text);
    EXPECT_EQ(decoded(encoded("", coding), coding).text, "");
  }
}

TEST(CodedSource, an_encoder_that_makes_its_reader_wait_keeps_nothing_back) {
  for (Coding coding : {Coding::Gzip, Coding::Brotli}) {
    auto plain = std::make_shared<Feed>();
    auto packed = std::make_shared<Feed>();
    auto encoder = encode_source(std::make_unique<FeedSource>(plain), coding, nullptr);
    auto decoder = decode_source(std::make_unique<FeedSource>(packed), coding, nullptr);
    // The first part is there, then the encoder would have to wait.
    plain->give("first");
    std::optional<Result<std::string>> piece;
    std::string text;
    auto take = [&] {
      piece.reset();
      encoder->read([&](Result<std::string> chunk) { piece = std::move(chunk); });
    };
    auto note = [&](Result<std::string> chunk) { text += *chunk; };
    take();
    ASSERT_TRUE(piece);
    packed->give(**piece);
    decoder->read(note);
    EXPECT_EQ(text, "first");
    take();
    EXPECT_FALSE(piece);
    plain->give(" second");
    ASSERT_TRUE(piece);
    packed->give(**piece);
    decoder->read(note);
    EXPECT_EQ(text, "first second");
  }
}

TEST(CodedSource, gzip_members_behind_one_another_are_one_body) {
  EXPECT_EQ(decoded(encoded("one") + encoded("two")).text, "onetwo");
}

TEST(CodedSource, what_is_cut_off_or_followed_by_more_is_an_error) {
  std::string packed = encoded("some text");
  EXPECT_EQ(decoded(packed.substr(0, packed.size() - 3)).error,
            "Gzip compressed stream ended prematurely.");
  EXPECT_EQ(decoded(packed + "xyz").error, "Gzip decompression failed.");
  EXPECT_EQ(decoded("not gzip at all").error, "Gzip decompression failed.");
  packed = encoded("some text", Coding::Brotli);
  EXPECT_EQ(decoded(packed.substr(0, packed.size() - 3), Coding::Brotli).error,
            "Brotli compressed stream ended prematurely.");
  EXPECT_EQ(decoded(packed + "x", Coding::Brotli).error, "Brotli decompression failed.");
  EXPECT_EQ(decoded("").text, "");
}

TEST(CodedSource, a_small_bomb_unfolds_in_pieces) {
  std::string bomb = encoded(std::string(10 << 20, 'x'));
  EXPECT_LT(bomb.size(), 20000u);
  Reading reading = decoded(bomb);
  EXPECT_EQ(reading.text.size(), 10u << 20);
}

TEST(CodedSource, an_error_of_the_inner_source_is_passed_on) {
  auto feed = std::make_shared<Feed>();
  feed->give(encoded("text").substr(0, 12));
  feed->give(fail(Error(ErrorKind::Unavailable, "lost")));
  auto source = decode_source(std::make_unique<FeedSource>(feed), Coding::Gzip, nullptr);
  EXPECT_EQ(read_all(*source).error, "lost");
}

TEST(CodedSource, may_go_while_it_waits_and_while_it_is_called_back) {
  auto feed = std::make_shared<Feed>();
  auto source = decode_source(std::make_unique<FeedSource>(feed), Coding::Gzip, nullptr);
  source->read([](const Result<std::string>&) { FAIL(); });
  source.reset();
  feed->give("late");

  source = decode_source(std::make_unique<FeedSource>(feed), Coding::Gzip, nullptr);
  feed->chunks.clear();
  source->read([&](const Result<std::string>&) { source.reset(); });
  feed->give(encoded("text"));
  EXPECT_EQ(source, nullptr);
}

}  // namespace
}  // namespace atoll::http
