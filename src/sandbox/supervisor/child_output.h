// What a child prints, line by line: V8's last words, a sanitizer's report. A well-behaved host
// prints nothing.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace atoll::sandbox {

class ChildOutput {
 public:
  using Line = std::function<void(std::string_view line)>;

  // `line` is called from the loop, without the line's end, until the child's end is closed. Lines
  // over 4 KiB come in pieces.
  ChildOutput(boost::asio::io_context& loop, Line line);
  ~ChildOutput();
  ChildOutput(const ChildOutput&) = delete;

  // The end for the child. Close it once the child has it.
  Result<UniqueFd> open();

 private:
  void wait();
  void on_readable();
  void take_lines();

  Line line_;
  std::string pending_;
  boost::asio::posix::stream_descriptor pipe_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace atoll::sandbox
