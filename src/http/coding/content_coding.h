// Compressed forms of a body, encoded and decoded piece by piece: what Content-Encoding and
// CompressionStream are made of. The libraries come with the Node binary.
//
// A transcoder owns no thread and no timer; use it from one thread. What it allocates is charged to
// the account it was made with, so a script pays for the compressors it keeps.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "js/memory_account.h"

namespace atoll::http {

enum class Coding { Gzip, Deflate /* with zlib's frame */, DeflateRaw, Brotli, Zstd };

// What the input of one step is: the last piece ends the stream, a flush makes everything so far
// readable for the other side.
enum class InputPiece { More, Flush, Last };

class Transcoder {
 public:
  struct Step {
    std::size_t consumed = 0;  // input bytes used up
    // The output limit stopped it: there may be more to come, even if all input is consumed.
    bool output_full = false;
    // The coded stream is complete. Decoding: input behind `consumed` does not belong to it.
    bool ended = false;
  };

  virtual ~Transcoder() = default;

  // Reads from `input` and appends at most `most` > 0 bytes to `output`. While output_full, call
  // again with the input that is left and the same `piece`. InvalidInput: the bytes are not what
  // the coding allows. LimitReached: the account refused memory. After an error or the end it must
  // not be called again. A decoder that has got the last piece and has not ended lacks input.
  virtual Result<Step> step(std::string_view input, InputPiece piece, std::string& output,
                            std::size_t most) = 0;
};

// `level`: 0 to 9 for the deflate family, 0 to 11 for Brotli, 1 to 22 for Zstandard; nothing: the
// library's default for zlib and Zstandard, and a fast one for Brotli. `account` may be null.
Result<std::unique_ptr<Transcoder>> make_encoder(Coding coding, std::optional<int> level,
                                                 std::shared_ptr<js::MemoryAccount> account);
Result<std::unique_ptr<Transcoder>> make_decoder(Coding coding,
                                                 std::shared_ptr<js::MemoryAccount> account);

// The coding of a Content-Encoding value that names exactly one: gzip, deflate, br or zstd.
std::optional<Coding> coding_named(std::string_view content_encoding);

}  // namespace atoll::http
