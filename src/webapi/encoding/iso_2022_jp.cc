#include "webapi/encoding/iso_2022_jp.h"

#include <memory>

#include "js/node_icu.h"
#include "webapi/encoding/encoding_natives.h"

namespace atoll::webapi {
namespace {

constexpr char16_t kReplacement = 0xFFFD;
constexpr unsigned char kEscape = 0x1B;

enum class Mode { Ascii, Roman, Katakana, Kanji };

bool is_kanji_byte(unsigned char byte) { return byte >= 0x21 && byte <= 0x7E; }

// The mode that two bytes behind an escape choose.
std::optional<Mode> mode_for(unsigned char first, unsigned char second) {
  if (first == 0x28 && second == 0x42) return Mode::Ascii;
  if (first == 0x28 && second == 0x4A) return Mode::Roman;
  if (first == 0x28 && second == 0x49) return Mode::Katakana;
  if (first == 0x24 && (second == 0x40 || second == 0x42)) return Mode::Kanji;
  return std::nullopt;
}

// JIS X 0208, through ICU's table for EUC-JP.
class KanjiTable {
 public:
  ~KanjiTable() {
    if (converter_ != nullptr) ucnv_close_78(converter_);
  }

  // kReplacement if there is no such character.
  char16_t find(unsigned char lead, unsigned char trail) {
    UErrorCode error = 0;
    if (converter_ == nullptr) {
      converter_ = ucnv_open_78("euc-jp", &error);
      if (error > 0) return kReplacement;
      ucnv_setToUCallBack_78(converter_, UCNV_TO_U_CALLBACK_STOP_78, nullptr, nullptr, nullptr,
                             &error);
    }
    const char bytes[2] = {static_cast<char>(lead | 0x80), static_cast<char>(trail | 0x80)};
    const char* source = bytes;
    char16_t text[2];
    char16_t* target = text;
    error = 0;
    ucnv_toUnicode_78(converter_, &target, text + 2, &source, bytes + 2, nullptr, 1, &error);
    return error <= 0 && target == text + 1 ? text[0] : kReplacement;
  }

 private:
  UConverter* converter_ = nullptr;
};

class Decoder {
 public:
  Decoder(std::string_view bytes, std::uint32_t flags) : bytes_(bytes), flags_(flags) {}

  std::optional<std::u16string> run(std::uint32_t& pending) {
    text_.reserve(bytes_.size());
    while (at_ < bytes_.size()) {
      const std::size_t left = bytes_.size() - at_;
      const bool is_final = (flags_ & kFlush) != 0;
      const unsigned char byte = byte_at(at_);
      const bool is_kanji = mode_ == Mode::Kanji && is_kanji_byte(byte);
      if (!is_final && ((byte == kEscape && left < 3) || (is_kanji && left < 2))) {
        pending = static_cast<std::uint32_t>(left);
        break;
      }
      if (byte == kEscape) {
        escape();
      } else if (is_kanji) {
        kanji();
      } else {
        ++at_;
        write(single(byte));
      }
    }
    if (malformed_ && (flags_ & kFatal)) return std::nullopt;
    return std::move(text_);
  }

 private:
  unsigned char byte_at(std::size_t index) const {
    return static_cast<unsigned char>(bytes_[index]);
  }

  void write(char16_t unit) {
    after_escape_ = false;
    if (unit == kReplacement) malformed_ = true;
    text_.push_back(unit);
  }

  // Two escapes without a character between them are an error, so that nobody hides things there.
  void escape() {
    std::optional<Mode> mode;
    if (bytes_.size() - at_ >= 3) mode = mode_for(byte_at(at_ + 1), byte_at(at_ + 2));
    if (!mode) {
      ++at_;
      write(kReplacement);
      return;
    }
    at_ += 3;
    mode_ = *mode;
    if (after_escape_) write(kReplacement);
    after_escape_ = true;
  }

  void kanji() {
    const unsigned char lead = byte_at(at_++);
    if (at_ == bytes_.size() || byte_at(at_) == kEscape) return write(kReplacement);
    const unsigned char trail = byte_at(at_++);
    write(is_kanji_byte(trail) ? table_.find(lead, trail) : kReplacement);
  }

  char16_t single(unsigned char byte) const {
    if (mode_ == Mode::Kanji || byte > 0x7F) return kReplacement;
    if (mode_ == Mode::Katakana) {
      return byte >= 0x21 && byte <= 0x5F ? static_cast<char16_t>(0xFF61 + byte - 0x21)
                                          : kReplacement;
    }
    if (byte == 0x0E || byte == 0x0F) return kReplacement;
    if (mode_ == Mode::Roman && byte == 0x5C) return 0x00A5;
    if (mode_ == Mode::Roman && byte == 0x7E) return 0x203E;
    return byte;
  }

  std::string_view bytes_;
  std::uint32_t flags_;
  std::size_t at_ = 0;
  Mode mode_ = Mode::Ascii;
  bool after_escape_ = false;
  bool malformed_ = false;
  std::u16string text_;
  KanjiTable table_;
};

}  // namespace

std::optional<std::u16string> decode_iso_2022_jp(std::string_view bytes, std::uint32_t flags,
                                                 std::uint32_t& pending) {
  pending = 0;
  return Decoder(bytes, flags).run(pending);
}

}  // namespace atoll::webapi
