// Readiness of many sockets behind one descriptor that Asio watches.
//
// Asio's own socket waits cost an epoll_ctl or a failing recv for each request. Here a socket is
// registered once, level-triggered, and each wake-up of the event loop serves a batch of sockets.
#pragma once

#include <sys/epoll.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "async/task.h"

namespace atoll::http {

class Pollable {
 public:
  virtual ~Pollable() = default;
  virtual void on_ready(std::uint32_t events) = 0;  // EPOLLIN, EPOLLOUT, …
  // On another thread, while the event loop's own stands still: whoever only waits for its peer may
  // go to another process. False when the queue is full.
  virtual bool give_away(int queue_in, std::uint32_t events) { return true; }
  // Many come in behind it: it says nothing about how long others wait.
  virtual bool is_always_ready() const { return false; }

 private:
  friend class Poller;
  std::uint32_t served_in_lap_ = 0;
};

class Poller : public std::enable_shared_from_this<Poller> {
 public:
  // Runs after each pollable that was served, and once more when that was the last of its batch.
  using AfterEach = std::move_only_function<void(bool batch_is_over)>;

  Poller(asio::io_context& io, AfterEach after_each);
  void start();
  void stop();

  // False when the kernel refuses (too many watches). A pollable that was removed, or whose socket
  // was closed, may be called once more within the same turn of the event loop: it has to live that
  // long.
  bool add(int fd, std::uint32_t events, Pollable& pollable);
  void change(int fd, std::uint32_t events, Pollable& pollable);
  void remove(int fd);
  // Asks each that is ready, as Pollable::give_away() says.
  void give_away(int queue_in);

  // Whether a batch is being served: more pollables may be ready, or AfterEach is to come.
  bool in_batch() const { return in_batch_; }
  // A lap is the time in which all that are ready get their turn: the kernel names them one after
  // the other, and whoever comes up again had his turn in this lap. Who is served has been ready
  // since it began, or since about then.
  std::chrono::steady_clock::time_point lap_began() const { return lap_began_; }
  // How long the last batch took to serve.
  std::chrono::steady_clock::duration batch_took() const { return batch_took_; }

 private:
  void wait();
  void serve_batch();
  void begin_lap(std::chrono::steady_clock::time_point now);

  asio::posix::stream_descriptor epoll_;
  AfterEach after_each_;
  std::chrono::steady_clock::time_point lap_began_;
  std::chrono::steady_clock::duration batch_took_{};
  std::uint32_t lap_ = 0;
  bool more_are_ready_ = false;  // the last batch was full
  bool in_batch_ = false;
};

}  // namespace atoll::http
