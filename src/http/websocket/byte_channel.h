// The bytes that a WebSocket travels over, once HTTP has handed them over: a client's connection,
// or one that we have opened.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace atoll::http {

// Event loop's thread only.
class ByteChannel {
 public:
  // All calls come from the event loop, never from inside a call to the channel. The channel may be
  // destroyed within any of them.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_bytes(std::string_view bytes) = 0;
    // Nothing more will come: the peer has finished, or the connection broke.
    virtual void on_end() = 0;
    // Everything that was written is in the kernel's hands, after some of it was not.
    virtual void on_drained() = 0;
    // The program wants to end.
    virtual void on_going_away() = 0;
  };

  // Cuts the connection, unless finish() has been called and its time is not up.
  virtual ~ByteChannel() = default;

  virtual void start(Owner& owner) = 0;
  // Whether on_bytes() may be called; true at the start.
  virtual void read(bool wanted) = 0;
  // Gathered until flush().
  virtual std::string& output() = 0;
  // Behind what output() holds; saves a copy when large.
  virtual void carry(std::string bytes) = 0;
  virtual void flush() = 0;
  virtual std::size_t unsent() const = 0;
  // Cuts the connection if the peer has not ended it by then; on_end() tells.
  virtual void expect_end_within(std::chrono::milliseconds time) = 0;
  // Sends what is unsent, then closes; nothing more is told to the owner, who may let go.
  virtual void finish() = 0;
};

}  // namespace atoll::http
