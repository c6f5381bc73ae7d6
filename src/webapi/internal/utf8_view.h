// The UTF-8 of a JavaScript string for the length of a call, without a copy when the string is
// ASCII already.
#pragma once

#include <v8.h>

#include <optional>
#include <string>
#include <string_view>

namespace atoll::webapi {

// Lone surrogates become U+FFFD. While a view lives no JavaScript value may be allocated: V8's
// collector is held off.
class Utf8View {
 public:
  Utf8View(v8::Isolate* isolate, v8::Local<v8::String> string);

  std::string_view text() const { return text_; }

 private:
  std::optional<v8::String::ValueView> flat_;
  std::string copy_;
  std::string_view text_;
};

}  // namespace atoll::webapi
