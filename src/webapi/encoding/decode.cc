#include "webapi/encoding/decode.h"

#include <bit>
#include <cstring>
#include <memory>

#include "js/node_icu.h"
#include "webapi/encoding/encoding_natives.h"

namespace atoll::webapi {
namespace {

constexpr char16_t kReplacement = 0xFFFD;

bool is_high_surrogate(char16_t unit) { return (unit & 0xFC00) == 0xD800; }
bool is_low_surrogate(char16_t unit) { return (unit & 0xFC00) == 0xDC00; }

struct CloseConverter {
  void operator()(UConverter* converter) const { ucnv_close_78(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

// ICU's table that is closest to the standard's index, where the standard's own name leads elsewhere.
const char* icu_name(const std::string& encoding) {
  if (encoding == "iso-8859-8-i") return "iso-8859-8";
  if (encoding == "gbk") return "gb18030";
  if (encoding == "big5") return "big5-hkscs";
  if (encoding == "shift_jis") return "windows-31j";
  if (encoding == "euc-kr") return "windows-949";
  if (encoding == "x-mac-cyrillic") return "macos-7_3-10.2";
  return encoding.c_str();
}

Converter open_converter(const std::string& encoding, bool fatal) {
  UErrorCode error = 0;
  Converter converter(ucnv_open_78(icu_name(encoding), &error));
  if (error > 0) return nullptr;
  if (fatal) {
    ucnv_setToUCallBack_78(converter.get(), UCNV_TO_U_CALLBACK_STOP_78, nullptr, nullptr, nullptr, &error);
    if (error > 0) return nullptr;
  }
  return converter;
}

std::u16string decode_user_defined(std::string_view bytes) {
  std::u16string text;
  text.reserve(bytes.size());
  for (const unsigned char byte : bytes) {
    text.push_back(byte < 0x80 ? static_cast<char16_t>(byte) : static_cast<char16_t>(0xF780 + byte - 0x80));
  }
  return text;
}

}  // namespace

std::optional<std::u16string> decode_utf16(std::string_view bytes, std::uint32_t flags) {
  const bool odd = bytes.size() % 2 != 0;
  std::u16string text(bytes.size() / 2, u'\0');
  std::memcpy(text.data(), bytes.data(), text.size() * 2);
  if (flags & kBigEndian) {
    for (char16_t& unit : text) unit = std::byteswap(static_cast<std::uint16_t>(unit));
  }
  bool malformed = odd;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_high_surrogate(text[i]) && i + 1 < text.size() && is_low_surrogate(text[i + 1])) {
      ++i;
    } else if (is_high_surrogate(text[i]) || is_low_surrogate(text[i])) {
      // An unfinished pair and an odd byte at the very end are one error.
      malformed = true;
      const bool merges = odd && i + 1 == text.size() && is_high_surrogate(text[i]);
      text[i] = kReplacement;
      if (merges) text.pop_back();
    }
  }
  if (malformed && (flags & kFatal)) return std::nullopt;
  if (odd) text.push_back(kReplacement);
  if ((flags & kStripBom) && text.starts_with(u'\xFEFF')) text.erase(0, 1);
  return text;
}

std::optional<std::u16string> decode_legacy(const std::string& encoding, std::string_view bytes, std::uint32_t flags,
                                            std::uint32_t& pending) {
  pending = 0;
  if (encoding == "x-user-defined") return decode_user_defined(bytes);
  Converter converter = open_converter(encoding, flags & kFatal);
  if (converter == nullptr) return std::nullopt;

  std::u16string text;
  const char* source = bytes.data();
  const char* const end = source + bytes.size();
  char16_t chunk[1024];
  for (;;) {
    UErrorCode error = 0;
    char16_t* target = chunk;
    ucnv_toUnicode_78(converter.get(), &target, std::end(chunk), &source, end, nullptr, (flags & kFlush) ? 1 : 0, &error);
    text.append(chunk, target);
    if (error == js::kIcuBufferOverflow) continue;
    if (error > 0) return std::nullopt;
    break;
  }
  if (!(flags & kFlush)) {
    UErrorCode error = 0;
    pending = static_cast<std::uint32_t>(ucnv_toUCountPending_78(converter.get(), &error));
  }
  return text;
}

}  // namespace atoll::webapi
