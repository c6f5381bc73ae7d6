#include "http/server/input_buffer.h"

namespace atoll::http {

void InputBuffer::lend(std::string_view bytes) {
  if (!view_.empty()) return append(bytes);
  view_ = bytes;
  lent_ = true;
}

void InputBuffer::append(std::string_view bytes) {
  if (lent_ || view_.empty()) {
    owned_.assign(view_);
  } else if (view_.size() != owned_.size()) {
    owned_.erase(0, owned_.size() - view_.size());
  }
  owned_.append(bytes);
  view_ = owned_;
  lent_ = false;
}

void InputBuffer::settle() {
  if (view_.empty()) {
    if (owned_.capacity() > 0) owned_ = std::string();
    view_ = {};
  } else if (lent_) {
    owned_.assign(view_);
    view_ = owned_;
  }
  lent_ = false;
}

void InputBuffer::clear() {
  view_ = {};
  settle();
}

}  // namespace atoll::http
