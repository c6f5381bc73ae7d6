#include "webapi/encoding/decode.h"

#include <bit>
#include <cstring>
#include <memory>

#include "js/node_icu.h"
#include "webapi/encoding/encoding_natives.h"
#include "webapi/encoding/iso_2022_jp.h"

namespace atoll::webapi {
namespace {

constexpr char16_t kReplacement = 0xFFFD;

bool is_high_surrogate(char16_t unit) { return (unit & 0xFC00) == 0xD800; }
bool is_low_surrogate(char16_t unit) { return (unit & 0xFC00) == 0xDC00; }

struct CloseConverter {
  void operator()(UConverter* converter) const { ucnv_close_78(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

// ICU's table that is closest to the standard's index, where the standard's own name leads
// elsewhere. Checked against the indexes: all agree but big5, where 157 characters of Hong Kong's
// supplement come out as private use.
const char* icu_name(const std::string& encoding) {
  if (encoding == "iso-8859-8-i") return "iso-8859-8";
  if (encoding == "gbk") return "gb18030";
  if (encoding == "x-mac-cyrillic") return "macos-7_3-10.2";
  return encoding.c_str();
}

// ICU's own substitution is a control character in some tables.
void write_replacement(const void*, void* arguments, const char*, std::int32_t, std::int32_t reason,
                       UErrorCode* error) {
  if (reason > 2) return;
  *error = 0;
  ucnv_cbToUWriteUChars_78(arguments, &kReplacement, 1, 0, error);
}

Converter open_converter(const std::string& encoding, bool fatal) {
  UErrorCode error = 0;
  Converter converter(ucnv_open_78(icu_name(encoding), &error));
  if (error > 0) return nullptr;
  const auto action = fatal ? UCNV_TO_U_CALLBACK_STOP_78 : write_replacement;
  ucnv_setToUCallBack_78(converter.get(), action, nullptr, nullptr, nullptr, &error);
  return error > 0 ? nullptr : std::move(converter);
}

// ICU has no ISO-8859-16: its upper half from 0xA0 on.
constexpr char16_t kIso8859_16[] =
    u"\u00A0\u0104\u0105\u0141\u20AC\u201E\u0160\u00A7\u0161\u00A9\u0218\u00AB\u0179\u00AD\u017A"
    u"\u017B"
    u"\u00B0\u00B1\u010C\u0142\u017D\u201D\u00B6\u00B7\u017E\u010D\u0219\u00BB\u0152\u0153\u0178"
    u"\u017C"
    u"\u00C0\u00C1\u00C2\u0102\u00C4\u0106\u00C6\u00C7\u00C8\u00C9\u00CA\u00CB\u00CC\u00CD\u00CE"
    u"\u00CF"
    u"\u0110\u0143\u00D2\u00D3\u00D4\u0150\u00D6\u015A\u0170\u00D9\u00DA\u00DB\u00DC\u0118\u021A"
    u"\u00DF"
    u"\u00E0\u00E1\u00E2\u0103\u00E4\u0107\u00E6\u00E7\u00E8\u00E9\u00EA\u00EB\u00EC\u00ED\u00EE"
    u"\u00EF"
    u"\u0111\u0144\u00F2\u00F3\u00F4\u0151\u00F6\u015B\u0171\u00F9\u00FA\u00FB\u00FC\u0119\u021B"
    u"\u00FF";

std::u16string decode_iso_8859_16(std::string_view bytes) {
  std::u16string text;
  text.reserve(bytes.size());
  for (const unsigned char byte : bytes)
    text.push_back(byte < 0xA0 ? byte : kIso8859_16[byte - 0xA0]);
  return text;
}

// Where ICU's table of a single-byte encoding differs from the standard's index. `text` has one
// unit for each byte.
void correct_single_bytes(const std::string& encoding, std::string_view bytes,
                          std::u16string& text) {
  // Microsoft's tables fill holes with characters for private use; Apple's logo in macintosh is the
  // standard's own.
  const bool holes = encoding.starts_with("windows-");
  const bool greek = encoding == "windows-1253";
  const bool hebrew = encoding == "windows-1255";
  const bool ukrainian = encoding == "koi8-u";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (byte < 0x80) text[i] = byte;  // IBM's tables permute control characters
    if (holes && text[i] >= 0xE000 && text[i] <= 0xF8FF) text[i] = kReplacement;
    if (greek && byte == 0xAA) text[i] = kReplacement;
    if (hebrew && byte == 0xCA) text[i] = 0x05BA;
    if (ukrainian && byte == 0xAE) text[i] = 0x045E;
    if (ukrainian && byte == 0xBE) text[i] = 0x040E;
  }
}

bool is_multi_byte(const std::string& encoding) {
  return encoding == "gbk" || encoding == "gb18030" || encoding == "big5" || encoding == "euc-jp" ||
         encoding == "shift_jis" || encoding == "euc-kr";
}

constexpr char kNeverValid = '\x80';

bool is_between(char byte, unsigned char first, unsigned char last) {
  const auto value = static_cast<unsigned char>(byte);
  return value >= first && value <= last;
}

// The standard's index of Big5 begins with the lead byte 0x87; ICU has characters for private use
// before that. Such a lead is an error, and takes with it what follows unless that is ASCII.
std::string without_unmapped_leads(std::string_view bytes) {
  std::string kept;
  kept.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (!is_between(bytes[i], 0x81, 0xFE) || i + 1 == bytes.size()) {
      kept.push_back(bytes[i]);
    } else if (is_between(bytes[i], 0x81, 0x86)) {
      kept.push_back(kNeverValid);
      if (is_between(bytes[i + 1], 0x80, 0xFF)) ++i;
    } else {
      kept.append(bytes.substr(i++, 2));
    }
  }
  return kept;
}

// An error in the midst of a character of EUC-JP takes the byte that is wrong with it, unless that
// is ASCII; ICU begins anew with that byte.
std::string with_whole_errors(std::string_view bytes) {
  std::string kept;
  kept.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size();) {
    std::size_t length = is_between(bytes[i], 0x8F, 0x8F)                                       ? 3
                         : is_between(bytes[i], 0x8E, 0x8E) || is_between(bytes[i], 0xA1, 0xFE) ? 2
                                                                                                : 1;
    const unsigned char last = is_between(bytes[i], 0x8E, 0x8E) ? 0xDF : 0xFE;
    std::size_t good = 1;
    while (good < length && i + good < bytes.size() && is_between(bytes[i + good], 0xA1, last)) {
      ++good;
    }
    const bool takes_more = good < length && i + good < bytes.size();
    if (takes_more && is_between(bytes[i + good], 0x80, 0xFF)) {
      kept.push_back(kNeverValid);
      i += good + 1;
    } else {
      kept.append(bytes.substr(i, good));
      i += good;
    }
  }
  return kept;
}

std::u16string decode_user_defined(std::string_view bytes) {
  std::u16string text;
  text.reserve(bytes.size());
  for (const unsigned char byte : bytes) {
    text.push_back(byte < 0x80 ? static_cast<char16_t>(byte)
                               : static_cast<char16_t>(0xF780 + byte - 0x80));
  }
  return text;
}

}  // namespace

std::optional<std::u16string> decode_utf16(std::string_view bytes, std::uint32_t flags) {
  const bool odd = bytes.size() % 2 != 0;
  std::u16string text(bytes.size() / 2, u'\0');
  if (!text.empty()) std::memcpy(text.data(), bytes.data(), text.size() * 2);
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

std::optional<std::u16string> decode_legacy(const std::string& encoding, std::string_view bytes,
                                            std::uint32_t flags, std::uint32_t& pending) {
  pending = 0;
  if (encoding == "x-user-defined") return decode_user_defined(bytes);
  if (encoding == "iso-8859-16") return decode_iso_8859_16(bytes);
  if (encoding == "iso-2022-jp") return decode_iso_2022_jp(bytes, flags, pending);
  const bool multi_byte = is_multi_byte(encoding);
  Converter converter = open_converter(encoding, multi_byte && (flags & kFatal));
  if (converter == nullptr) return std::nullopt;

  std::string corrected;
  if (encoding == "big5") bytes = corrected = without_unmapped_leads(bytes);
  if (encoding == "euc-jp") bytes = corrected = with_whole_errors(bytes);

  std::u16string text;
  const char* source = bytes.data();
  const char* const end = source + bytes.size();
  char16_t chunk[1024];
  for (;;) {
    UErrorCode error = 0;
    char16_t* target = chunk;
    ucnv_toUnicode_78(converter.get(), &target, std::end(chunk), &source, end, nullptr,
                      (flags & kFlush) ? 1 : 0, &error);
    text.append(chunk, target);
    if (error == js::kIcuBufferOverflow) continue;
    if (error > 0) return std::nullopt;
    break;
  }
  if (!multi_byte) {
    correct_single_bytes(encoding, bytes, text);
    if ((flags & kFatal) && text.contains(kReplacement)) return std::nullopt;
  } else if (encoding == "big5" || encoding == "euc-jp" || encoding == "euc-kr") {
    // ICU takes bytes that stand for nothing as control characters.
    for (char16_t& unit : text) {
      if (unit < 0x80 || unit > 0x9F) continue;
      if (flags & kFatal) return std::nullopt;
      unit = kReplacement;
    }
  }
  if (multi_byte && !(flags & kFlush)) {
    UErrorCode error = 0;
    pending = static_cast<std::uint32_t>(ucnv_toUCountPending_78(converter.get(), &error));
  }
  return text;
}

}  // namespace atoll::webapi
