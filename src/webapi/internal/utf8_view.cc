#include "webapi/internal/utf8_view.h"

#include "js/native_function.h"
#include "js/node_simdutf.h"

namespace atoll::webapi {

Utf8View::Utf8View(v8::Isolate* isolate, v8::Local<v8::String> string) {
  if (string->IsOneByte()) {
    flat_.emplace(isolate, string);
    if (flat_->is_one_byte()) {
      const char* data = reinterpret_cast<const char*>(flat_->data8());
      if (simdutf::validate_ascii(data, flat_->length())) {
        text_ = std::string_view(data, flat_->length());
        return;
      }
    }
    flat_.reset();
  }
  copy_ = js::to_utf8(isolate, string);
  text_ = copy_;
}

}  // namespace atoll::webapi
