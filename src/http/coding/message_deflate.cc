#include "http/coding/message_deflate.h"

#include <zlib.h>

#include <algorithm>

#include "base/check.h"

namespace atoll::http {
namespace {

// WebSockets are many and their messages small: a smaller hash table than zlib's usual one.
constexpr int kMemoryLevel = 5;
constexpr int kLevel = 1;
constexpr std::size_t kFirstRoom = 1024;
constexpr std::size_t kMostRoom = 256 * 1024;
constexpr std::size_t kTailSize = 4;

Bytef* input_of(std::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

class Inflater final : public MessageInflater {
 public:
  ~Inflater() override {
    if (begun_) inflateEnd(&stream_);
  }

  bool begin() {
    begun_ = inflateInit2(&stream_, -MAX_WBITS) == Z_OK;
    return begun_;
  }

  Outcome inflate(std::string_view compressed, std::string& out, std::size_t max_size) override {
    stream_.next_in = input_of(compressed);
    stream_.avail_in = static_cast<uInt>(compressed.size());
    std::size_t room = kFirstRoom;
    for (;;) {
      std::size_t before = out.size();
      // One byte beyond the limit shows that there is more.
      std::size_t wanted = std::min(room, max_size + 1 - before);
      int result = Z_OK;
      out.resize_and_overwrite(before + wanted, [&](char* data, std::size_t) {
        stream_.next_out = reinterpret_cast<Bytef*>(data + before);
        stream_.avail_out = static_cast<uInt>(wanted);
        result = ::inflate(&stream_, Z_SYNC_FLUSH);
        return before + wanted - stream_.avail_out;
      });
      if (out.size() > max_size) return Outcome::TooLarge;
      if (result == Z_STREAM_END) {
        // A final block ends the stream; the next message begins a new one, its history kept by
        // nobody.
        if (inflateReset(&stream_) != Z_OK) return Outcome::Malformed;
        if (stream_.avail_in == 0) return Outcome::Fine;
        continue;
      }
      if (result != Z_OK && result != Z_BUF_ERROR) return Outcome::Malformed;
      if (stream_.avail_out > 0) return stream_.avail_in == 0 ? Outcome::Fine : Outcome::Malformed;
      room = std::min(room * 4, kMostRoom);
    }
  }

 private:
  z_stream stream_{};
  bool begun_ = false;
};

class Deflater final : public MessageDeflater {
 public:
  ~Deflater() override {
    if (begun_) deflateEnd(&stream_);
  }

  bool begin(int window_bits) {
    begun_ = deflateInit2(&stream_, kLevel, Z_DEFLATED, -window_bits, kMemoryLevel,
                          Z_DEFAULT_STRATEGY) == Z_OK;
    return begun_;
  }

  std::string deflate(std::string_view message) override {
    std::string out;
    stream_.next_in = input_of(message);
    stream_.avail_in = static_cast<uInt>(message.size());
    std::size_t room = std::max<std::size_t>(message.size() / 4, 64) + 16;
    for (;;) {
      std::size_t before = out.size();
      out.resize_and_overwrite(before + room, [&](char* data, std::size_t) {
        stream_.next_out = reinterpret_cast<Bytef*>(data + before);
        stream_.avail_out = static_cast<uInt>(room);
        int result = ::deflate(&stream_, Z_SYNC_FLUSH);
        CHECK(result == Z_OK || result == Z_BUF_ERROR);
        return before + room - stream_.avail_out;
      });
      if (stream_.avail_out > 0) break;
    }
    CHECK(out.ends_with(std::string_view("\0\0\xff\xff", kTailSize)));
    out.resize(out.size() - kTailSize);
    if (out.empty()) out.push_back('\0');  // RFC 7692, section 7.2.3.6
    return out;
  }

 private:
  z_stream stream_{};
  bool begun_ = false;
};

class ZlibCompression final : public MessageCompression {
 public:
  std::unique_ptr<MessageInflater> make_inflater() override {
    auto inflater = std::make_unique<Inflater>();
    if (!inflater->begin()) return nullptr;
    return inflater;
  }
  std::unique_ptr<MessageDeflater> make_deflater(int window_bits) override {
    auto deflater = std::make_unique<Deflater>();
    if (!deflater->begin(window_bits)) return nullptr;
    return deflater;
  }
};

}  // namespace

MessageCompression& zlib_message_compression() {
  static ZlibCompression compression;
  return compression;
}

}  // namespace atoll::http
