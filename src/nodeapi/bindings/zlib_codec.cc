#include <zlib.h>

#include <algorithm>

#include "http/coding/charged_memory.h"
#include "nodeapi/bindings/codec.h"

namespace atoll::nodeapi {
namespace {

std::string code_name(int number) {
  switch (number) {
    case Z_NEED_DICT:
      return "Z_NEED_DICT";
    case Z_ERRNO:
      return "Z_ERRNO";
    case Z_STREAM_ERROR:
      return "Z_STREAM_ERROR";
    case Z_DATA_ERROR:
      return "Z_DATA_ERROR";
    case Z_MEM_ERROR:
      return "Z_MEM_ERROR";
    case Z_BUF_ERROR:
      return "Z_BUF_ERROR";
    case Z_VERSION_ERROR:
      return "Z_VERSION_ERROR";
    default:
      return "Z_OK";
  }
}

class ZlibCodec final : public Codec {
 public:
  ZlibCodec(CodecMode mode, const ZlibOptions& options, std::string dictionary,
            std::shared_ptr<js::MemoryAccount> account)
      : mode_(mode),
        options_(options),
        dictionary_(std::move(dictionary)),
        memory_(std::move(account)) {
    stream_.zalloc = http::ChargedMemory::allocate_array;
    stream_.zfree = http::ChargedMemory::release;
    stream_.opaque = &memory_;
  }

  ~ZlibCodec() override {
    if (begun_) compresses() ? deflateEnd(&stream_) : inflateEnd(&stream_);
  }

  bool begin() {
    int bits = options_.window_bits;
    if (mode_ == CodecMode::Gzip || mode_ == CodecMode::Gunzip) bits += 16;
    if (mode_ == CodecMode::Unzip) bits += 32;
    if (mode_ == CodecMode::DeflateRaw || mode_ == CodecMode::InflateRaw) bits = -bits;
    result_ = compresses() ? deflateInit2(&stream_, options_.level, Z_DEFLATED, bits,
                                          options_.memory_level, options_.strategy)
                           : inflateInit2(&stream_, bits);
    begun_ = result_ == Z_OK;
    return begun_ && !set_dictionary();
  }

  std::optional<CodecError> step(std::span<const std::uint8_t>& input,
                                 std::span<std::uint8_t>& output, int flush) override {
    stream_.next_in = const_cast<Bytef*>(input.data());
    stream_.avail_in = static_cast<unsigned>(input.size());
    stream_.next_out = output.data();
    stream_.avail_out = static_cast<unsigned>(output.size());
    if (compresses()) {
      result_ = deflate(&stream_, flush);
    } else {
      decompress(flush);
    }
    input = input.last(stream_.avail_in);
    output = output.last(stream_.avail_out);
    // The next step may get its bytes from elsewhere.
    stream_.next_in = nullptr;
    stream_.avail_in = 0;
    switch (result_) {
      case Z_OK:
      case Z_BUF_ERROR:
      case Z_STREAM_END:
        return std::nullopt;
      case Z_NEED_DICT:
        return error(dictionary_.empty() ? "Missing dictionary" : "Bad dictionary");
      default:
        return error("Zlib error");
    }
  }

  std::optional<CodecError> check_end(bool room_left, int flush) override {
    if (result_ != Z_STREAM_END && room_left && flush == Z_FINISH) {
      return CodecError{"unexpected end of file", Z_BUF_ERROR, "Z_BUF_ERROR"};
    }
    return std::nullopt;
  }

  std::optional<CodecError> reset() override {
    result_ = compresses() ? deflateReset(&stream_) : inflateReset(&stream_);
    if (result_ != Z_OK) return error("Failed to reset stream");
    magic_seen_ = 0;
    if (was_unzip_) mode_ = CodecMode::Unzip;
    return set_dictionary();
  }

  std::optional<CodecError> set_params(int level, int strategy) override {
    if (mode_ != CodecMode::Deflate && mode_ != CodecMode::DeflateRaw) return std::nullopt;
    // Output that is not flushed yet has nowhere to go: zlib then leaves everything as it is.
    std::uint8_t nowhere[1];
    stream_.next_out = nowhere;
    stream_.avail_out = 0;
    result_ = deflateParams(&stream_, level, strategy);
    if (result_ != Z_OK && result_ != Z_BUF_ERROR) return error("Failed to set parameters");
    return std::nullopt;
  }

 private:
  bool compresses() const {
    return mode_ == CodecMode::Deflate || mode_ == CodecMode::Gzip ||
           mode_ == CodecMode::DeflateRaw;
  }

  // zlib's own words where it has some.
  CodecError error(const char* message) const {
    return {stream_.msg != nullptr ? stream_.msg : message, result_, code_name(result_)};
  }

  // Streams of unknown kind are gzip when they begin like it; then further members may follow.
  void look_at_magic() {
    for (unsigned i = 0; i < stream_.avail_in && mode_ == CodecMode::Unzip; ++i) {
      std::uint8_t expected = magic_seen_ == 0 ? 0x1f : 0x8b;
      was_unzip_ = true;
      if (stream_.next_in[i] != expected) {
        mode_ = CodecMode::Inflate;
      } else if (++magic_seen_ == 2) {
        mode_ = CodecMode::Gunzip;
      }
    }
  }

  void decompress(int flush) {
    if (mode_ == CodecMode::Unzip) look_at_magic();
    result_ = inflate(&stream_, flush);
    if (mode_ != CodecMode::InflateRaw && result_ == Z_NEED_DICT && !dictionary_.empty()) {
      result_ = inflateSetDictionary(&stream_, dictionary_bytes(), dictionary_size());
      if (result_ == Z_OK) {
        result_ = inflate(&stream_, flush);
      } else if (result_ == Z_DATA_ERROR) {
        result_ = Z_NEED_DICT;  // not the right one
      }
    }
    while (stream_.avail_in > 0 && mode_ == CodecMode::Gunzip && result_ == Z_STREAM_END &&
           stream_.next_in[0] != 0) {
      if (options_.reject_garbage && stream_.next_in[0] != 0x1f) break;
      inflateReset(&stream_);
      result_ = inflate(&stream_, flush);
    }
  }

  std::optional<CodecError> set_dictionary() {
    if (dictionary_.empty()) return std::nullopt;
    if (mode_ == CodecMode::Deflate || mode_ == CodecMode::DeflateRaw) {
      result_ = deflateSetDictionary(&stream_, dictionary_bytes(), dictionary_size());
    } else if (mode_ == CodecMode::InflateRaw) {
      result_ = inflateSetDictionary(&stream_, dictionary_bytes(), dictionary_size());
    }
    if (result_ != Z_OK) return error("Failed to set dictionary");
    return std::nullopt;
  }

  const Bytef* dictionary_bytes() const {
    return reinterpret_cast<const Bytef*>(dictionary_.data());
  }
  unsigned dictionary_size() const { return static_cast<unsigned>(dictionary_.size()); }

  CodecMode mode_;
  ZlibOptions options_;
  std::string dictionary_;
  http::ChargedMemory memory_;
  z_stream stream_ = {};
  int result_ = Z_OK;
  int magic_seen_ = 0;
  bool was_unzip_ = false;
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<Codec> make_zlib_codec(CodecMode mode, const ZlibOptions& options,
                                       std::string dictionary,
                                       std::shared_ptr<js::MemoryAccount> account) {
  auto made = std::make_unique<ZlibCodec>(mode, options, std::move(dictionary), std::move(account));
  if (!made->begin()) return nullptr;
  return made;
}

}  // namespace atoll::nodeapi
