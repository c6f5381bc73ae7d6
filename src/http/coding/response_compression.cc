#include "http/coding/response_compression.h"

#include <array>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/check.h"
#include "http/codec/text_scan.h"
#include "http/coding/coded_source.h"

namespace atoll::http {
namespace {

// What a compressor takes at most, with the library's default settings.
constexpr std::size_t kBytesOfGzip = 320u << 10;
constexpr std::size_t kBytesOfBrotli = 3u << 20;
// Bytes at hand are given in pieces, and after so many others get their turn.
constexpr std::size_t kPieceBytes = 64u << 10;
constexpr std::size_t kBytesAtOnce = 256u << 10;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes the part before the separator off the front.
std::string_view take_until(std::string_view& text, char separator) {
  std::size_t end = text.find(separator);
  std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return trimmed(part);
}

// A weight in thousandths; 0 for what is none.
int weight_of(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
  int weight = (text[0] - '0') * 1000;
  if (text.size() > 1 && text[1] != '.') return 0;
  int unit = 100;
  for (std::size_t i = 2; i < text.size(); ++i, unit /= 10) {
    if (text[i] < '0' || text[i] > '9') return 0;
    weight += (text[i] - '0') * unit;
  }
  return weight > 1000 ? 0 : weight;
}

bool ends_with_ignoring_case(std::string_view text, std::string_view end) {
  return text.size() >= end.size() &&
         equals_ignoring_case(text.substr(text.size() - end.size()), end);
}

bool contains_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    if (equals_ignoring_case(take_until(list, ','), token)) return true;
  }
  return false;
}

bool may_be_coded(const ResponseHead& head) {
  if (head.status < 200 || head.status == 204 || head.status == 205 || head.status == 206 ||
      head.status == 304) {
    return false;
  }
  auto type = head.headers.find("content-type");
  if (!type || !is_compressible(*type) || head.headers.find("content-encoding") ||
      head.headers.find("content-range")) {
    return false;
  }
  for (auto [name, value] : head.headers) {
    if (equals_ignoring_case(name, "cache-control") && contains_token(value, "no-transform")) {
      return false;
    }
  }
  return true;
}

// The coded form is another one of the same thing: strong validators no longer hold.
void describe(HeaderBlock& headers, Coding coding) {
  (void)headers.append("Content-Encoding", coding == Coding::Brotli ? "br" : "gzip");
  bool varies = false;
  for (auto [name, value] : headers) {
    varies = varies || (equals_ignoring_case(name, "vary") &&
                        (contains_token(value, "accept-encoding") || contains_token(value, "*")));
  }
  if (!varies) (void)headers.append("Vary", "Accept-Encoding");
  auto tag = headers.find("etag");
  if (tag && tag->starts_with('"')) {
    std::string weak = "W/" + std::string(*tag);
    (void)headers.set("ETag", weak);
  }
}

// Gives what it is made of piece by piece, and holds a share of the memory meanwhile.
class PacedSource final : public ByteSource {
 public:
  PacedSource(boost::asio::io_context& loop, std::string bytes, std::unique_ptr<ByteSource> source,
              std::shared_ptr<js::MemoryAccount> memory, std::size_t share)
      : loop_(loop),
        bytes_(std::move(bytes)),
        source_(std::move(source)),
        memory_(std::move(memory)),
        share_(share) {}
  ~PacedSource() override { memory_->release(share_); }

  void read(ReadDone done) override {
    if (at_ == bytes_.size() && source_) {
      return source_->read([this, alive = std::weak_ptr(alive_),
                            done = std::move(done)](Result<std::string> chunk) mutable {
        if (alive.expired()) return;
        if (!chunk || chunk->size() <= kPieceBytes) return done(std::move(chunk));
        bytes_ = std::move(*chunk);
        at_ = 0;
        give(std::move(done));
      });
    }
    give(std::move(done));
  }

 private:
  void give(ReadDone done) {
    if (since_break_ < kBytesAtOnce) return done(next());
    since_break_ = 0;
    waiting_ = std::move(done);
    boost::asio::post(loop_, [this, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) std::exchange(waiting_, nullptr)(next());
    });
  }

  std::string next() {
    std::string piece = bytes_.substr(at_, kPieceBytes);
    at_ += piece.size();
    since_break_ += piece.size();
    return piece;
  }

  boost::asio::io_context& loop_;
  std::string bytes_;
  std::size_t at_ = 0;  // of bytes_: given so far
  std::size_t since_break_ = 0;
  std::unique_ptr<ByteSource> source_;
  std::shared_ptr<js::MemoryAccount> memory_;
  std::size_t share_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  ReadDone waiting_;
};

}  // namespace

std::optional<Coding> preferred_coding(std::string_view accept_encoding) {
  int brotli = 0;
  int gzip = 0;
  while (!accept_encoding.empty()) {
    std::string_view entry = take_until(accept_encoding, ',');
    std::string_view name = take_until(entry, ';');
    int weight = 1000;
    if (!entry.empty()) {
      std::string_view key = take_until(entry, '=');
      weight = key == "q" || key == "Q" ? weight_of(trimmed(entry)) : 0;
    }
    if (equals_ignoring_case(name, "br")) brotli = weight;
    if (equals_ignoring_case(name, "gzip") || equals_ignoring_case(name, "x-gzip")) gzip = weight;
  }
  if (brotli == 0 && gzip == 0) return std::nullopt;
  return brotli >= gzip ? Coding::Brotli : Coding::Gzip;
}

bool is_compressible(std::string_view content_type) {
  static constexpr std::array kTypes = {
      std::string_view("application/javascript"),
      std::string_view("application/x-javascript"),
      std::string_view("application/json"),
      std::string_view("application/xml"),
      std::string_view("application/wasm"),
      std::string_view("application/manifest+json"),
      std::string_view("application/x-ndjson"),
      std::string_view("application/vnd.ms-fontobject"),
      std::string_view("application/x-protobuf"),
      std::string_view("font/ttf"),
      std::string_view("font/otf"),
      std::string_view("image/bmp"),
      std::string_view("image/x-icon"),
      std::string_view("image/vnd.microsoft.icon"),
      std::string_view("multipart/mixed"),
  };
  std::string_view type = take_until(content_type, ';');
  if (type.size() > 5 && equals_ignoring_case(type.substr(0, 5), "text/")) {
    return !equals_ignoring_case(type, "text/event-stream");
  }
  if (ends_with_ignoring_case(type, "+json") || ends_with_ignoring_case(type, "+xml")) return true;
  for (std::string_view known : kTypes) {
    if (equals_ignoring_case(type, known)) return true;
  }
  return false;
}

ResponseCompression::ResponseCompression(boost::asio::io_context& loop, std::size_t least_bytes,
                                         std::size_t memory_bytes)
    : loop_(loop),
      least_bytes_(least_bytes),
      memory_(std::make_shared<js::MemoryAccount>(memory_bytes)) {}

void ResponseCompression::apply(ResponseHead& head, Body& body, Coding coding) {
  CHECK(coding == Coding::Brotli || coding == Coding::Gzip);
  std::string bytes;
  std::unique_ptr<ByteSource> source;
  if (auto* held = std::get_if<std::string>(&body)) {
    if (held->size() < least_bytes_) return;
  } else if (auto* streamed = std::get_if<std::unique_ptr<ByteSource>>(&body)) {
    if (*streamed == nullptr || (*streamed)->length().value_or(least_bytes_) < least_bytes_) return;
  } else {
    return;
  }
  if (!may_be_coded(head)) return;
  std::size_t share = coding == Coding::Brotli ? kBytesOfBrotli : kBytesOfGzip;
  if (!memory_->has_room(share) || !memory_->charge(share)) return;
  if (auto* held = std::get_if<std::string>(&body)) bytes = std::move(*held);
  if (auto* streamed = std::get_if<std::unique_ptr<ByteSource>>(&body)) {
    source = std::move(*streamed);
  }
  describe(head.headers, coding);
  body = encode_source(
      std::make_unique<PacedSource>(loop_, std::move(bytes), std::move(source), memory_, share),
      coding, nullptr);
}

}  // namespace atoll::http
