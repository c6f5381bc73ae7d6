// Bytes on their way to a client. Small pieces are gathered, one large piece is carried without a
// copy, and everything goes out in one system call where the kernel takes it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace atoll::http {

class OutputBuffer {
 public:
  std::size_t size() const { return front_.size() + large_.size() + back_.size() - sent_; }
  bool empty() const { return size() == 0; }

  // Where small pieces may be appended.
  std::string& tail() { return large_.empty() ? front_ : back_; }
  void append(std::string_view bytes) { tail().append(bytes); }
  // The same, without a copy where that pays.
  void carry(std::string bytes);

  enum class Outcome { Drained, Blocked, Broken };
  struct Flush {
    Outcome outcome;
    std::size_t sent;  // bytes this call got rid of
  };
  Flush flush(int fd);

  void clear();

 private:
  std::string front_;
  std::string large_;
  std::string back_;  // used only behind large_
  std::size_t sent_ = 0;
};

}  // namespace atoll::http
