#include <zlib.h>

#include <limits>

#include "http/coding/charged_memory.h"
#include "http/coding/codings.h"
#include "http/coding/output_tail.h"

namespace atoll::http {
namespace {

constexpr int kMemoryLevel = 8;  // zlib's default

int window_bits(Coding coding) {
  switch (coding) {
    case Coding::Gzip:
      return MAX_WBITS + 16;
    case Coding::DeflateRaw:
      return -MAX_WBITS;
    default:
      return MAX_WBITS;
  }
}

// zlib counts in unsigned int; a piece is cut to fit.
unsigned clamp(std::size_t size) {
  return static_cast<unsigned>(
      std::min<std::size_t>(size, std::numeric_limits<unsigned>::max() / 2));
}

class DeflateTranscoder final : public Transcoder {
 public:
  DeflateTranscoder(bool encodes, std::shared_ptr<js::MemoryAccount> account)
      : encodes_(encodes), memory_(std::move(account)) {
    stream_.zalloc = ChargedMemory::allocate_array;
    stream_.zfree = ChargedMemory::release;
    stream_.opaque = &memory_;
  }
  ~DeflateTranscoder() override {
    if (!begun_) return;
    encodes_ ? deflateEnd(&stream_) : inflateEnd(&stream_);
  }

  bool begin(Coding coding, int level) {
    int result = encodes_ ? deflateInit2(&stream_, level, Z_DEFLATED, window_bits(coding),
                                         kMemoryLevel, Z_DEFAULT_STRATEGY)
                          : inflateInit2(&stream_, window_bits(coding));
    begun_ = result == Z_OK;
    return begun_;
  }

  Result<Step> step(std::string_view input, InputPiece piece, std::string& output,
                    std::size_t most) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = clamp(input.size());
    std::size_t offered = stream_.avail_in;
    bool is_all = offered == input.size();
    int result = Z_OK;
    append_with(output, most, [&](char* begin, std::size_t room) {
      stream_.next_out = reinterpret_cast<Bytef*>(begin);
      unsigned space = clamp(room);
      stream_.avail_out = space;
      result = encodes_ ? deflate(&stream_, is_all ? flush_of(piece) : Z_NO_FLUSH)
                        : inflate(&stream_, Z_NO_FLUSH);
      return static_cast<std::size_t>(space - stream_.avail_out);
    });
    if (result == Z_MEM_ERROR) return fail(out_of_memory());
    // Z_BUF_ERROR only means that there was nothing to do.
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      return fail(invalid_input(encodes_ ? "Compression failed." : "Decompression failed."));
    }
    Step made;
    made.consumed = offered - stream_.avail_in;
    made.ended = result == Z_STREAM_END;
    made.output_full = !made.ended && (stream_.avail_out == 0 || !is_all);
    return made;
  }

 private:
  static int flush_of(InputPiece piece) {
    switch (piece) {
      case InputPiece::More:
        return Z_NO_FLUSH;
      case InputPiece::Flush:
        return Z_SYNC_FLUSH;
      default:
        return Z_FINISH;
    }
  }

  bool encodes_;
  bool begun_ = false;
  ChargedMemory memory_;
  z_stream stream_ = {};
};

Result<std::unique_ptr<Transcoder>> make(Coding coding, bool encodes, int level,
                                         std::shared_ptr<js::MemoryAccount> account) {
  auto made = std::make_unique<DeflateTranscoder>(encodes, std::move(account));
  if (!made->begin(coding, level)) return fail(out_of_memory());
  return made;
}

}  // namespace

Result<std::unique_ptr<Transcoder>> make_deflate_encoder(
    Coding coding, std::optional<int> level, std::shared_ptr<js::MemoryAccount> account) {
  return make(coding, true, level.value_or(Z_DEFAULT_COMPRESSION), std::move(account));
}

Result<std::unique_ptr<Transcoder>> make_deflate_decoder(
    Coding coding, std::shared_ptr<js::MemoryAccount> account) {
  return make(coding, false, 0, std::move(account));
}

}  // namespace atoll::http
