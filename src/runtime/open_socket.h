// Sockets that an invocation opened with connect(), and those it still waits for.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "net/stream.h"

namespace atoll::runtime {

struct OpenSocket {
  std::unique_ptr<net::Stream> stream;
  std::int32_t reading = 0;  // the operation that waits for bytes; 0: none
  std::int32_t writing = 0;
};

class OpenSockets {
 public:
  // Of one invocation: connections being opened at once; more wait for their turn.
  static constexpr std::size_t kMaxOpening = 6;
  static constexpr std::size_t kMaxOpen = 256;  // open, being opened and waiting

  bool full() const { return open_.size() + opening_ + waiting_.size() >= kMaxOpen; }

  using Begin = std::move_only_function<void()>;
  // Runs `begin` now, or once enough earlier ones have ended.
  void open(Begin begin) {
    if (opening_ >= kMaxOpening) return waiting_.push_back(std::move(begin));
    ++opening_;
    begin();
  }
  // A begun one is open, or has failed.
  void opened() {
    --opening_;
    if (waiting_.empty()) return;
    Begin next = std::move(waiting_.front());
    waiting_.pop_front();
    open(std::move(next));
  }

  void add(std::int32_t number, std::unique_ptr<net::Stream> stream) {
    open_[number].stream = std::move(stream);
  }
  // Null for a number that names no socket of this invocation. Valid until the next change.
  OpenSocket* find(std::int32_t number) {
    auto found = open_.find(number);
    return found == open_.end() ? nullptr : &found->second;
  }
  // The socket must be there.
  OpenSocket take(std::int32_t number) {
    auto found = open_.find(number);
    OpenSocket taken = std::move(found->second);
    open_.erase(found);
    return taken;
  }

 private:
  boost::unordered_flat_map<std::int32_t, OpenSocket> open_;
  std::size_t opening_ = 0;
  std::deque<Begin> waiting_;
};

}  // namespace atoll::runtime
