// Bytes that came from a client and were not used up yet. During a turn they may lie in a read
// buffer shared by all connections; only what is left at its end is copied, so an idle connection
// owns nothing.
#pragma once

#include <string>
#include <string_view>

namespace atoll::http {

class InputBuffer {
 public:
  std::string_view view() const { return view_; }
  bool empty() const { return view_.empty(); }
  std::size_t size() const { return view_.size(); }

  void consume(std::size_t size) { view_.remove_prefix(size); }

  // `bytes` stay where they are until settle().
  void lend(std::string_view bytes);
  // Adds a copy.
  void append(std::string_view bytes);

  // Copies lent bytes; releases memory no longer needed.
  void settle();
  void clear();

 private:
  std::string owned_;
  std::string_view view_;  // into owned_ or into lent memory
  bool lent_ = false;
};

}  // namespace atoll::http
