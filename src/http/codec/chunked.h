// The chunked transfer coding. The decoder takes input in any pieces and hands out slices of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace atoll::http {

enum class BodyProgress { NeedMore, Data, End, Malformed };

struct BodyStep {
  BodyProgress progress;
  std::size_t consumed;   // input bytes used up, `data` included
  std::string_view data;  // with Data: body bytes, a slice of the input; never empty
};

// Strict: CRLF only, hexadecimal sizes of at most 15 digits, no blanks around them, trailers as
// well-formed as headers. Extensions and trailers are read, limited and dropped.
class ChunkedDecoder {
 public:
  static constexpr std::size_t kMaxTrailerBytes = 16 * 1024;
  // Extension bytes may exceed the body bytes so far by this much, no more.
  static constexpr std::size_t kSpareExtensionBytes = 16 * 1024;

  // Reads on to the next slice of data, the end or the end of the input. Neither after End nor
  // after Malformed may it be called again.
  BodyStep next(std::string_view input);

 private:
  enum class State {
    Size,      // before the first digit
    MoreSize,  // after a digit
    Extension,
    SizeFeed,  // the line feed of the size line
    Data,
    DataReturn,
    DataFeed,
    Trailer,  // at the start of a trailer line
    TrailerName,
    TrailerValue,
    TrailerFeed,
    LastFeed,
  };

  bool step(char c);  // false when malformed; not in Data
  bool step_size(char c);
  bool step_trailer(char c);

  State state_ = State::Size;
  bool ended_ = false;
  std::uint64_t chunk_left_ = 0;
  unsigned digits_ = 0;
  std::uint64_t data_bytes_ = 0;
  std::uint64_t extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
};

// Adds what precedes a chunk of `size` > 0 bytes; kChunkEnd follows it.
void append_chunk_size(std::string& out, std::uint64_t size);
inline constexpr std::string_view kChunkEnd = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace atoll::http
