// Frames over a Unix stream socket, with descriptors, in both directions. Everything happens on the
// loop's one thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "sandbox/border/frame.h"

namespace atoll::border {

// A connected pair, close-on-exec.
struct SocketPair {
  UniqueFd ours;
  UniqueFd theirs;
};
Result<SocketPair> make_socket_pair();

class Channel {
 public:
  struct Message {
    Frame frame;
    std::vector<UniqueFd> descriptors;  // as many as the frame says
  };

  // Calls come from the loop, never from inside send(). Both may destroy the channel.
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void on_message(Message message) = 0;
    // Once: the other side closed, a system call failed, or it sent something malformed. What was
    // not yet sent is lost. Not called after close().
    virtual void on_closed(const Error& why) = 0;
  };

  enum class Descriptors { Accept, Refuse };  // refuse: receiving one closes the channel

  struct Limits {
    std::size_t queued_bytes = 256u << 20;  // waiting to be sent
    Descriptors incoming = Descriptors::Accept;
    // Received ones, averaged over a second; beyond that nothing is read for a while. 0: any
    // number.
    std::uint32_t messages_per_second = 0;
  };

  // `handler` outlives the channel.
  Channel(boost::asio::io_context& loop, UniqueFd socket, Handler& handler, Limits limits);
  ~Channel();

  // Queues a frame; what is queued during one turn of the loop leaves in as few system calls as
  // possible, in order. LimitReached when the queue is full, Unavailable when closed; the frame is
  // dropped then. At most kMaxFrameDescriptors and kMaxFrameBytes, else InvalidInput.
  Result<void> send(Frame frame, std::vector<UniqueFd> descriptors = {});

  std::size_t queued_bytes() const;

  // While held, nothing more is read (what was read already may still arrive): the other side's
  // sending then comes to a halt by itself.
  void hold_reading();
  void resume_reading();

  // Tries for up to `within_ms` to send what is queued, blocking the thread: for the end of a
  // process only.
  void flush_blocking(int within_ms);

  void close();

 private:
  class Connection;
  std::shared_ptr<Connection> connection_;
};

}  // namespace atoll::border
